import KubeWatch
import Synchronization

/// Who refers to whom, so that a dependant moves as soon as what it waits for is there.
package final class DependencyIndex: Sendable {
  private struct State {
    var targets: [ResourceKey: Set<ReferenceResolver.Target>] = [:]
    var dependants: [ReferenceResolver.Target: Set<ResourceKey>] = [:]
  }

  private let state = Mutex(State())

  /// Makes an empty index.
  package init() {}

  /// Records what a resource refers to, in place of what it referred to before.
  package func record(_ key: ResourceKey, targets: Set<ReferenceResolver.Target>) {
    state.withLock { state in
      let before = state.targets[key] ?? []
      guard before != targets else { return }
      for target in before.subtracting(targets) {
        state.dependants[target]?.remove(key)
        if state.dependants[target]?.isEmpty == true { state.dependants[target] = nil }
      }
      for target in targets.subtracting(before) {
        state.dependants[target, default: []].insert(key)
      }
      state.targets[key] = targets.isEmpty ? nil : targets
    }
  }

  /// Who refers to an object, by name or through a selector that may match it.
  package func dependants(of key: ResourceKey) -> Set<ResourceKey> {
    state.withLock { state in
      let named = state.dependants[.object(key)] ?? []
      let selecting =
        state.dependants[.anyOf(kind: key.kind, namespace: key.object.namespace)] ?? []
      return named.union(selecting)
    }
  }
}
