import HTTP
import Server

/// Keys, TLS and cross-origin access.
extension ServeSettings {
    mutating func readAccess(_ flags: AccessFlags, _ reader: inout SettingReader) throws(CommandFailure) {
        try readKeys(flags, &reader)
        try readIdentity(flags, &reader)
        let origins = try reader.read(
            .corsOrigin,
            flag: flags.corsOrigin.isEmpty ? nil : NameList(names: flags.corsOrigin.flatMap(\.names)),
            otherwise: "none", must: .nameOrigins)
        server.http.crossOrigin.origins = origins?.names ?? []
    }

    private mutating func readKeys(
        _ flags: AccessFlags, _ reader: inout SettingReader
    ) throws(CommandFailure) {
        let given = try reader.read(
            .apiKey, flag: flags.apiKey.isEmpty ? nil : KeyList(keys: flags.apiKey.flatMap(\.keys)),
            otherwise: "none", must: .beKeys)
        for key in given?.keys ?? [] { _ = server.keys.insert(key) }
        guard let path = try reader.read(.apiKeyFile, flag: flags.apiKeyFile, otherwise: "none") else {
            return
        }
        let text = try Self.text(of: path, holding: "one key per line")
        var isEmpty = true
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .enumerated()
        {
            let key = line.prefix { $0 != "#" }.filter { !$0.isWhitespace }
            guard !key.isEmpty else { continue }
            guard server.keys.insert(key) else {
                throw CommandFailure(.configuration, "\(path):\(index + 1): \(KeyList.rule)")
            }
            isEmpty = false
        }
        guard !isEmpty else {
            throw CommandFailure(.configuration, "\(path): contains no key; it must have one per line")
        }
    }

    private mutating func readIdentity(
        _ flags: AccessFlags, _ reader: inout SettingReader
    ) throws(CommandFailure) {
        let certificate = try reader.read(.tlsCert, flag: flags.tlsCert, otherwise: "none: http")
        let key = try reader.read(.tlsKey, flag: flags.tlsKey, otherwise: "none: http")
        guard let certificate, let key else {
            guard
                let source = reader.findings.last(where: {
                    [.tlsCert, .tlsKey].contains($0.key) && $0.isGiven
                })
            else { return }
            let missing = source.key == .tlsCert ? SettingKey.tlsKey : .tlsCert
            throw CommandFailure(
                source.source.failureStatus,
                "\(source.source.subject(source.key)) also needs \(missing.flag): HTTPS takes a certificate and its private key"
            )
        }
        let texts = (
            certificate: try Self.text(of: certificate, holding: "a certificate in PEM"),
            key: try Self.text(of: key, holding: "a private key in PEM")
        )
        do throws(ListenError) {
            server.http.tls = try TLSIdentity(certificate: texts.certificate, key: texts.key)
        } catch {
            throw CommandFailure(.configuration, "--tls-cert \(certificate), --tls-key \(key): \(error)")
        }
    }
}

extension KeyList {
    static let rule = "a key must have 1 to \(APIKeys.maximumLength) visible ASCII characters"
}

extension Requirement where Value == KeyList {
    fileprivate static var beKeys: Requirement {
        Requirement { list in
            var keys = APIKeys()
            return list.keys.allSatisfy { keys.insert($0) } ? nil : KeyList.rule
        }
    }
}

extension Requirement where Value == NameList {
    fileprivate static var nameOrigins: Requirement {
        Requirement { list in
            let isGood = list.names.allSatisfy { name in
                let parts = name.split(separator: "/", omittingEmptySubsequences: false)
                return name == "*"
                    || parts.count == 3 && parts[0].hasSuffix(":") && parts[1].isEmpty && !parts[2].isEmpty
            }
            return isGood ? nil : "an origin is a scheme and a host, such as https://example.com, or *"
        }
    }
}
