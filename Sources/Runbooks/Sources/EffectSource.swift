package import JSONValue

/// Why a source of facts gave none.
package struct SourceFailure: Error, Sendable, Hashable {
  /// The words that scripts know as `err.kind`.
  package enum Kind: String, Sendable, Hashable, CaseIterable {
    /// There was no answer at all.
    case unreachable
    case timeout
    case forbidden
    case unauthorized
    case notfound
    /// The source answered, and has nothing.
    case nodata
    /// No option names the source.
    case unconfigured
    /// The host API does not do that.
    case refused
    case error
  }

  package let kind: Kind
  /// What happened, for people.
  package let message: String

  /// Makes a failure.
  package init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// As scripts get it.
  package var json: JSONValue {
    ["error": ["kind": .string(kind.rawValue), "message": .string(message)]]
  }
}

/// What a source answered.
package struct SourceAnswer: Sendable, Hashable {
  package var value: JSONValue
  /// Where it is from, of metrics.
  package var info: JSONValue?

  /// Makes an answer.
  package init(_ value: JSONValue, info: JSONValue? = nil) {
    self.value = value
    self.info = info
  }

  /// As scripts get it.
  package var json: JSONValue {
    var json: JSONValue = ["value": value]
    json["info"] = info
    return json
  }
}

/// One part of the outside world, as runbooks may see it: reads only.
package protocol EffectSource: Sendable {
  /// Answers an effect.
  ///
  /// - Parameters:
  ///   - name: e.g. `kube.get`.
  ///   - effect: the whole table that the script gave; its members are of any shape.
  func answer(_ name: String, _ effect: JSONValue) async throws(SourceFailure) -> SourceAnswer
}

extension JSONValue {
  /// A text member of an effect.
  func demandText(_ member: String) throws(SourceFailure) -> String {
    guard let text = self[member]?.stringValue, !text.isEmpty else {
      throw SourceFailure(.refused, "\"\(member)\" must be a text")
    }
    return text
  }

  /// A text member that may be missing.
  func text(_ member: String) -> String? {
    self[member]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
  }
}
