/// Where in a text special tokens count, and where what looks like one is plain text.
public struct MarkerPlaces: Sendable {
    public static let nowhere = MarkerPlaces(isOpenAfterwards: false)
    public static let everywhere = MarkerPlaces(isOpenAfterwards: true)

    /// Ends of runs, in order, and whether special tokens count in them.
    private var runs: [(end: Int, isOpen: Bool)] = []
    private let isOpenAfterwards: Bool

    private init(isOpenAfterwards: Bool) {
        self.isOpenAfterwards = isOpenAfterwards
    }

    /// Adds what lies between the last run and `end`.
    public mutating func append(upTo end: Int, isOpen: Bool) {
        runs.append((end, isOpen))
    }

    /// The run that a place is in.
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
