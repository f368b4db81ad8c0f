package import KubeWatch

/// The stores of all kinds, looked at together.
package struct ResourceStores: Sendable {
  /// One kind and what is known of its objects.
  package struct Entry: Sendable {
    package let type: ResourceType
    /// By watched namespace; one under "" when all namespaces are watched.
    package let stores: [String: Store]

    /// Makes empty stores for a kind.
    package init(type: ResourceType, namespaces: [String]) {
      self.type = type
      let names = namespaces.isEmpty ? [""] : namespaces
      stores = Dictionary(
        names.map { ($0, Store(indexedBy: { Annotation.externalName(in: $0.annotations) })) }
      ) { first, _ in first }
    }

    /// The store that an object of this namespace is in; nil when it is not watched.
    package func store(for namespace: String) -> Store? { stores[""] ?? stores[namespace] }

    /// All objects of the kind.
    package var objects: [StoredObject] { stores.values.flatMap { $0.all() } }
  }

  private let entries: [String: Entry]

  /// Gathers the stores; one entry for each kind.
  package init(_ entries: [Entry]) {
    self.entries = Dictionary(entries.map { ($0.type.kind, $0) }) { _, last in last }
  }

  /// All kinds, sorted.
  package var all: [Entry] { entries.values.sorted { $0.type.kind < $1.type.kind } }

  /// An object; nil when it is not there.
  package func find(_ key: ResourceKey) -> StoredObject? {
    entries[key.kind]?.store(for: key.object.namespace)?[key.object]
  }

  /// The store that an object of a kind is in.
  package func store(of kind: String, namespace: String) -> Store? {
    entries[kind]?.store(for: namespace)
  }

  /// All keys of all kinds.
  package func keys() -> [ResourceKey] {
    all.flatMap { entry in
      entry.stores.values.flatMap { $0.keys() }.map {
        ResourceKey(kind: entry.type.kind, object: $0)
      }
    }
  }

  /// The external names that objects of a kind already have.
  package func externalNames(of kind: String) -> Set<String> {
    Set((entries[kind]?.stores.values ?? [:].values).flatMap { $0.indexedValues() })
  }

  /// The objects of a kind with an external name; more than one is a user's mistake.
  package func objects(named externalName: String, of kind: String) -> [StoredObject] {
    (entries[kind]?.stores.values ?? [:].values).flatMap { $0.objects(indexed: externalName) }
  }

  /// Resolves references over these stores.
  package var resolver: ReferenceResolver {
    ReferenceResolver(
      find: { self.find($0) },
      list: { kind, namespace in
        (self.entries[kind]?.store(for: namespace)?.all() ?? [])
          .filter { $0.key.namespace == namespace }
      })
  }
}
