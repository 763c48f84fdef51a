public import JSON

/// A JSON schema that was read and can be enforced.
///
/// Supported are the keywords of OpenAI's structured outputs and some more; one that is not, or that cannot be
/// enforced exactly, is an error with its place, never ignored. Deliberate choices:
/// - Properties come in the order of the schema, additional ones after them. Where `additionalProperties` is not
///   given, an object with `properties` has no others, one without may have any.
/// - Without `type`, keywords that speak of a type imply it. A schema that says nothing allows any JSON.
/// - `oneOf` is `anyOf`. Unknown values of `format` are ignored.
/// - References stay within the document: `#`, `#/$defs/…`, any JSON pointer.
public struct JSONSchema: Sendable {
    /// What values may look like, place by place.
    var places: [[ValueShape]]
    /// Where in the schema each place stands.
    var paths: [String]
    var root: Int
    /// What it was made from.
    public let source: SchemaSource

    /// Reads `schema`.
    public init(_ schema: JSONValue) throws(SchemaError) {
        var reader = SchemaReader()
        let root = try reader.place(for: schema)
        self = reader.finish(root: root, source: .schema(schema))
    }

    /// Any JSON object: the `json_object` of `response_format`.
    public static let anyObject = JSONSchema(
        anyAnd: [.object(ObjectShape(additional: 0))], source: .anyObject)

    /// Any JSON value.
    public static let anyValue = JSONSchema(anyAnd: SchemaReader.anything(at: 0), source: .anyValue)

    private init(anyAnd root: [ValueShape], source: SchemaSource) {
        self.init(
            places: [SchemaReader.anything(at: 0), root], paths: ["#", "#"], root: 1, source: source)
    }

    init(places: [[ValueShape]], paths: [String], root: Int, source: SchemaSource) {
        self.source = source
        self.places = places
        self.paths = paths
        self.root = root
    }
}
