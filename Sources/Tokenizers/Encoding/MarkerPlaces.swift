/// Where in a text special tokens count.
///
/// Elsewhere their text is plain text.
public struct MarkerPlaces: Sendable {
    public static let nowhere = MarkerPlaces(isOpenAfterwards: false)
    public static let everywhere = MarkerPlaces(isOpenAfterwards: true)

    /// Ends of runs, in order, and whether special tokens count in each.
    private var runs: [(end: Int, isOpen: Bool)] = []
    private let isOpenAfterwards: Bool

    private init(isOpenAfterwards: Bool) {
        self.isOpenAfterwards = isOpenAfterwards
    }

    /// Adds the run from the last end to `end`.
    public mutating func append(upTo end: Int, isOpen: Bool) {
        runs.append((end, isOpen))
    }

    /// The run that contains a place.
    func run(at place: Int) -> (end: Int, isOpen: Bool) {
        var low = 0
        var high = runs.count
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].end > place { high = middle } else { low = middle + 1 }
        }
        return low < runs.count ? runs[low] : (.max, isOpenAfterwards)
    }
}
