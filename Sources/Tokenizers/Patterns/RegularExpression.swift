import CPCRE2
import Glibc

/// A compiled pattern of a tokenizer.
// @unchecked: PCRE2 does not write compiled code after compilation, so threads may share it.
final class RegularExpression: @unchecked Sendable {
    /// Match data and the time budget of searches.
    ///
    /// Use one per text, for all its patterns.
    final class Scratch {
        fileprivate let match: OpaquePointer?
        fileprivate let context: OpaquePointer?
        private let stack: OpaquePointer?
        /// Processor time of this thread.
        private let deadline: Double
        private var placeCount = 0

        init(byteCount: Int) {
            match = pcre2_match_data_create_8(1, nil)
            context = pcre2_match_context_create_8(nil)
            stack = pcre2_jit_stack_create_8(32 << 10, 16 << 20, nil)
            deadline = Self.processorTime + 2 + 20e-6 * Double(byteCount)
            pcre2_set_heap_limit_8(context, 64 << 10)
            pcre2_jit_stack_assign_8(context, nil, stack.map(UnsafeMutableRawPointer.init))
        }

        deinit {
            pcre2_jit_stack_free_8(stack)
            pcre2_match_context_free_8(context)
            pcre2_match_data_free_8(match)
        }

        static var processorTime: Double {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
        }

        /// The time left.
        ///
        /// It reads the clock only now and then, because that takes longer than most searches.
        ///
        /// `places`: how many start positions a search has tried.
        fileprivate func remainingTime(_ places: Int) -> Double? {
            placeCount += places
            guard placeCount >= 1024 else { return nil }
            placeCount = 0
            return deadline - Self.processorTime
        }
    }

    /// Start positions tried between two looks at the clock.
    ///
    /// PCRE2 limits the steps from one start position. Over all start positions of a long text, the total can still be
    /// quadratic.
    /// still come to the square of its length.
    private static let firstWindow = 64
    private static let lastWindow = 1024

    /// As written in the tokenizer's file.
    let pattern: String
    private let code: OpaquePointer

    /// Compiles a pattern in Oniguruma's syntax.
    ///
    /// - Throws: What is wrong with the pattern.
    init(_ pattern: String) throws(OnigurumaPattern.Problem) {
        let translation = try OnigurumaPattern.translate(pattern)
        let context = pcre2_compile_context_create_8(nil)
        defer { pcre2_compile_context_free_8(context) }
        pcre2_set_newline_8(context, UInt32(PCRE2_NEWLINE_LF))
        var status: Int32 = 0
        var offset = 0
        let options =
            UInt32(PCRE2_UTF) | UInt32(PCRE2_UCP) | UInt32(PCRE2_MULTILINE) | UInt32(PCRE2_NO_AUTO_CAPTURE)
            | UInt32(PCRE2_USE_OFFSET_LIMIT)
        let code = Array(translation.utf8).withUnsafeBufferPointer { text in
            pcre2_compile_8(text.baseAddress, text.count, options, &status, &offset, context)
        }
        guard let code else {
            throw OnigurumaPattern.Problem(description: "does not compile: \(Self.message(status))")
        }
        self.pattern = pattern
        self.code = code
        // If memory cannot be both writable and executable, PCRE2 falls back to its slower interpreter.
        pcre2_jit_compile_8(code, UInt32(PCRE2_JIT_COMPLETE))
    }

    deinit {
        pcre2_code_free_8(code)
    }

    private static func message(_ status: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = pcre2_get_error_message_8(status, &buffer, buffer.count)
        return count < 0 ? "error \(status)" : String(decoding: buffer.prefix(Int(count)), as: UTF8.self)
    }

    /// The ranges of all matches, in order, as byte offsets.
    ///
    /// As in Oniguruma's iterator, an empty match directly after another match does not count. The text must be valid
    /// UTF-8.
    func forEachMatch(
        in text: UnsafeBufferPointer<UInt8>, _ scratch: Scratch, _ body: (Range<Int>) -> Void
    ) throws(TokenizationError) {
        guard let known = KnownScalars.shared.replacing(text) else {
            return try search(text, scratch, body)
        }
        try known.withBuffer { buffer throws(TokenizationError) in try search(buffer, scratch, body) }
    }

    private func search(
        _ text: UnsafeBufferPointer<UInt8>, _ scratch: Scratch, _ body: (Range<Int>) -> Void
    ) throws(TokenizationError) {
        guard let vector = pcre2_get_ovector_pointer_8(scratch.match) else {
            throw TokenizationError(pattern: pattern, problem: "out of memory while matching")
        }
        // Enough for several passes over the text, but too short to be noticed.
        pcre2_set_match_limit_8(scratch.context, UInt32(clamping: 100_000 + 64 * text.count))
        var position = 0
        var lastEnd: Int?
        var window = Self.firstWindow
        while position <= text.count {
            pcre2_set_offset_limit_8(scratch.context, position + window)
            let status = pcre2_match_8(
                code, text.baseAddress, text.count, position, UInt32(PCRE2_NO_UTF_CHECK), scratch.match,
                scratch.context)
            guard status >= 0 || status == PCRE2_ERROR_NOMATCH else {
                throw TokenizationError(pattern: pattern, problem: Self.message(status))
            }
            let isFound = status >= 0
            if let time = scratch.remainingTime(isFound ? 8 : min(window, text.count)), time < 0 {
                throw TokenizationError(pattern: pattern, problem: "it takes too long")
            }
            if !isFound {
                position = text.scalarStart(after: position + window)
                window = min(2 * window, Self.lastWindow)
                continue
            }
            window = Self.firstWindow
            let (start, end) = (vector[0], vector[1])
            if start == end, lastEnd == end {
                position = text.scalarStart(after: position)
                continue
            }
            position = end
            lastEnd = end
            body(start..<end)
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    fileprivate func scalarStart(after position: Int) -> Int {
        var start = position + 1
        while start < count, UTF8.isContinuation(self[start]) { start += 1 }
        return start
    }
}

/// Why a text could not be encoded: matching the tokenizer's pattern failed.
public struct TokenizationError: Error, Equatable, CustomStringConvertible {
    /// The pattern, as written in the tokenizer's file.
    public let pattern: String
    /// PCRE2's message.
    public let problem: String

    public var description: String { "the tokenizer's pattern `\(pattern)` failed on the text: \(problem)" }
}
