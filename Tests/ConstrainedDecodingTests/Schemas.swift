/// Schemas that the random walks go through, one a paragraph.
enum Schemas {
    static let all = [plain, strings, numbers, arrays, objects, combined, recursive].flatMap(split)

    private static func split(_ text: String) -> [String] {
        text.split(separator: "\n\n").map { String($0) }
    }

    private static let plain = ##"""
        {}

        true

        {"type": "null"}

        {"type": "boolean"}

        {"type": ["string", "null"]}

        {"type": ["integer", "object"], "properties": {"a": {"type": "null"}}, "required": ["a"]}

        {"const": null}

        {"const": {"a": [1, {"b": "é\n\"\u0001"}], "c": 1.5}}

        {"enum": ["red", "green", "rest"]}

        {"enum": [1, 10, 100, -1.5, 1e30, null, true, "1", [1, 2], {"x": 1}]}

        {"type": "string", "enum": ["a", 1, "b"]}

        {"type": "integer", "enum": [3, 2.0, "x"]}

        {"enum": ["", "\\", "\"", "/", "\u0000", "😀"]}
        """##

    private static let strings = ##"""
        {"type": "string"}

        {"type": "string", "minLength": 3}

        {"type": "string", "maxLength": 5}

        {"type": "string", "minLength": 2, "maxLength": 2}

        {"type": "string", "maxLength": 0}

        {"type": "string", "pattern": "^[a-c]+$"}

        {"type": "string", "pattern": "ab"}

        {"type": "string", "pattern": "^(foo|bar)?-\\d{2,4}$"}

        {"type": "string", "pattern": "^\\w+\\s\\w+$"}

        {"type": "string", "pattern": "^[^a-z]{2}$", "maxLength": 2}

        {"type": "string", "pattern": "^(a|b)*c{1,3}$", "minLength": 4, "maxLength": 6}

        {"type": "string", "pattern": "^x|y$"}

        {"type": "string", "pattern": "^[é-ü😀]{1,3}$"}

        {"type": "string", "pattern": "^\"\\\\[\\n\\x01]+$"}

        {"type": "string", "pattern": "^.$"}

        {"type": "string", "format": "date"}

        {"type": "string", "format": "date-time"}

        {"type": "string", "format": "time"}

        {"type": "string", "format": "email"}

        {"type": "string", "format": "uuid"}

        {"type": "string", "format": "ipv4"}

        {"type": "string", "format": "colour"}

        {"type": "string", "format": "ipv4", "maxLength": 8}

        {"anyOf": [{"type": "string", "pattern": "^a+$"}, {"type": "string", "pattern": "^(ab)+$"}, {
        "const": "aaa"}]}
        """##

    private static let numbers = ##"""
        {"type": "integer"}

        {"type": "number"}

        {"type": "integer", "minimum": 0}

        {"type": "integer", "minimum": -12, "maximum": 105}

        {"type": "integer", "exclusiveMinimum": 9, "maximum": 10}

        {"type": "integer", "minimum": 1, "maximum": 1}

        {"type": "integer", "exclusiveMaximum": -99}

        {"type": "integer", "minimum": 0.5, "maximum": 3.5}

        {"type": "integer", "multipleOf": 7, "minimum": -30}

        {"type": "integer", "multipleOf": 5, "minimum": 96, "maximum": 104}

        {"type": "number", "minimum": 0, "maximum": 1}

        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.01}

        {"type": "number", "minimum": -2.5, "maximum": -2.25}

        {"type": "number", "minimum": -0.001, "exclusiveMaximum": 1e3}

        {"type": "number", "multipleOf": 4}

        {"type": "number", "exclusiveMinimum": 99.95, "maximum": 100.05}

        {"type": "number", "maximum": 0}

        {"type": "integer", "minimum": 0, "maximum": 0}

        {"type": "integer", "minimum": 999999999999999990}
        """##

    private static let arrays = ##"""
        {"type": "array"}

        {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 3}, "minItems": 2}

        {"type": "array", "items": {"type": "boolean"}, "maxItems": 3}

        {"type": "array", "maxItems": 0}

        {"type": "array", "prefixItems": [{"type": "string", "maxLength": 1}, {"type": "integer"}],
        "items": false}

        {"type": "array", "prefixItems": [{"const": 1}], "items": {"const": 2}, "minItems": 3,
        "maxItems": 5}

        {"type": "array", "items": {"type": "array", "items": {"type": "array", "items": {"type":
        "null"}}}}

        {"type": "array", "items": false}

        {"type": "array", "items": {"enum": [1, 12, "a"]}, "minItems": 1}
        """##

    private static let objects = ##"""
        {"type": "object"}

        {"type": "object", "additionalProperties": false}

        {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}},
        "required": ["a", "b"], "additionalProperties": false}

        {"type": "object", "properties": {"a": {"type": "null"}, "b": {"type": "null"}, "c": {"type":
        "null"}}}

        {"type": "object", "properties": {"name": {"type": "null"}, "names": {"type": "null"}, "nam":
        {"type": "null"}}, "required": ["names"]}

        {"type": "object", "properties": {"a": {"const": 1}, "ab": {"const": 2}},
        "additionalProperties": {"const": 3}}

        {"type": "object", "properties": {"a": {"const": 1}, "é\"x": {"const": 2}}, "required": ["a"],
        "additionalProperties": true}

        {"type": "object", "additionalProperties": {"type": "boolean"}}

        {"properties": {"x": {}}, "required": ["x"]}

        {"type": "object", "required": ["a", "zz"], "additionalProperties": {"type": "integer"}}

        {"type": "object", "properties": {"a": false, "b": {"type": "null"}}, "required": ["b"]}

        {"type": "object", "properties": {"": {"const": 0}}, "additionalProperties": {"const": "k"}}

        {"type": "object", "properties": {"p": {"type": "object", "properties": {"q": {"type": "array"
        , "items": {"$ref": "#/$defs/r"}}}, "required": ["q"]}}, "$defs": {"r": {"type": "string",
        "format": "date"}}}
        """##

    private static let combined = ##"""
        {"anyOf": [{"type": "object", "properties": {"kind": {"const": "a"}, "x": {"type": "integer"}}
        , "required": ["kind", "x"], "additionalProperties": false}, {"type": "object", "properties":
        {"kind": {"const": "b"}, "y": {"type": "string"}}, "required": ["kind", "y"],
        "additionalProperties": false}]}

        {"anyOf": [{"type": "object", "properties": {"v": {"type": "array", "items": {"type":
        "integer"}}}, "required": ["v"]}, {"type": "object", "properties": {"v": {"type": "array",
        "items": {"type": "string"}}, "w": {"type": "null"}}, "required": ["v", "w"]}]}

        {"oneOf": [{"type": "integer", "maximum": 5}, {"type": "string", "maxLength": 2}]}

        {"anyOf": [{"type": "number", "minimum": 1.5, "maximum": 2.5}, {"type": "integer"}, {"enum": [
        7, 77]}]}

        {"allOf": [{"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}, {
        "properties": {"b": {"type": "null"}, "a": {"minimum": 3}}, "required": ["b"]}]}

        {"allOf": [{"$ref": "#/definitions/n"}], "maximum": 9, "definitions": {"n": {"type": [
        "integer", "string"], "minimum": 7}}}

        {"type": "object", "properties": {"a": {"type": "null"}, "b": {"type": "null"}}, "anyOf": [{
        "required": ["a"]}, {"required": ["b"]}]}

        {"anyOf": [{"type": "array", "items": {"type": "object"}}, {"type": "array", "items": {
        "anyOf": [{"type": "object", "properties": {"k": {"const": 1}}, "required": ["k"]}, {"type":
        "null"}]}}]}

        {"anyOf": [{"const": {"a": [1, 2]}}, {"type": "object", "properties": {"a": {"type": "array",
        "items": {"type": "integer"}, "minItems": 3}}, "required": ["a"]}]}

        {"anyOf": [{"type": "object", "additionalProperties": {"const": 1}}, {"type": "object",
        "properties": {"id": {"const": 2}}, "required": ["id"], "additionalProperties": {"const": 3}}]
        }
        """##

    private static let recursive = ##"""
        {"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "properties": {"v": {"type":
        "integer"}, "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}}, "required": ["v"
        , "next"], "additionalProperties": false}}}

        {"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#"}}},
        "required": ["children"]}

        {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 9}, {"type": "array", "items": {
        "$ref": "#"}, "minItems": 2, "maxItems": 2}]}

        {"type": "object", "properties": {"n": {"$ref": "#"}, "m": {"$ref": "#"}},
        "additionalProperties": false}

        {"anyOf": [{"const": 0}, {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": [
        "a"]}, {"type": "object", "properties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}}, "required":
        ["a", "b"]}]}

        {"type": "array", "items": {"$ref": "#"}, "maxItems": 3, "anyOf": [{"minItems": 2}, {"maxItems":
        0}]}

        {"$ref": "#/$defs/a", "$defs": {"a": {"type": "object", "properties": {"b": {"$ref":
        "#/$defs/b"}}}, "b": {"type": "array", "items": {"$ref": "#/$defs/a"}, "maxItems": 2}}}
        """##
}
