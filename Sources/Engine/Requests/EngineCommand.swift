public import ExpertRouting

/// A command to an engine: a plain value that can be encoded, for a journal or a replay.
///
/// To decode one, set `userInfo[.requestDecoding]` of the decoder.
public enum EngineCommand: Sendable, Codable {
    /// Queue a request to run under this rule.
    case submit(SequenceID, GenerationRequest, RoutingRule)
    /// End a sequence; no effect if it has ended.
    case cancel(SequenceID)
}
