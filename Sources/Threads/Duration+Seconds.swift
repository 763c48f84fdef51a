extension Duration {
    /// As a number of seconds.
    public var seconds: Double { self / .seconds(1) }
}
