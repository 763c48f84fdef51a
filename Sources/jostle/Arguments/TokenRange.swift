import ArgumentParser

/// `32-192`: a number of tokens, from … to ….
struct TokenRange: ExpressibleByArgument, CustomStringConvertible {
    let bounds: ClosedRange<Int>

    init(_ bounds: ClosedRange<Int>) {
        self.bounds = bounds
    }

    init?(argument: String) {
        let numbers = argument.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard let low = numbers.first ?? nil, let high = numbers.last ?? nil, numbers.count <= 2, low >= 1,
            high >= low
        else { return nil }
        self.init(low...high)
    }

    var description: String { "\(bounds.lowerBound)-\(bounds.upperBound)" }
}
