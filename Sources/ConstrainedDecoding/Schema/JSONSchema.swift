public import JSON

/// A JSON schema that was checked and can be enforced.
///
/// It supports the keywords of OpenAI's structured outputs and some more. A keyword that is unsupported, or cannot be
/// enforced exactly, is an error with its place; it is never ignored. Choices:
/// - Properties appear in the order of the schema, additional ones last. Without `additionalProperties`, an object with
/// `properties` has no others, and an object without `properties` may have any.
/// - Without `type`, keywords of one type imply it. An empty schema allows any JSON.
/// - `oneOf` means `anyOf`. Unknown values of `format` are ignored.
/// - References stay within the document: `#`, `#/$defs/…`, or any JSON pointer.
public struct JSONSchema: Sendable {
    /// By place: the shapes that a value there may have.
    var places: [[ValueShape]]
    /// By place: its JSON pointer into the schema.
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

    /// Any JSON object: `response_format` of type `json_object`.
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
