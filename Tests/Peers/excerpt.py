#!/usr/bin/env python3
"""Cuts Discord's description of its API down to the simulator's routes, for openapi_conformance.py.

    excerpt.py DESCRIPTION ROUTES > discord-openapi.json

DESCRIPTION is openapi.json of https://github.com/discord/discord-api-spec (MIT licence), ROUTES what
`GET /control/routes` of a running simulator answers. Schemas stay as they are; texts for people go.
"""

import json
import re
import sys


def without_texts(value):
    """The same without descriptions; a property may well be called so and stays."""
    if isinstance(value, list):
        return [without_texts(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: without_texts(item) for key, item in value.items()
        if not (key in ("description", "title", "x-enum-descriptions") and isinstance(item, str))
    }


def references(value):
    """The components that a part of the description refers to, as (group, name)."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "$ref":
                yield tuple(item.removeprefix("#/components/").split("/", 1))
            else:
                yield from references(item)


def main():
    description, routes = (json.load(open(path)) for path in sys.argv[1:])
    paths = {}
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            if f"{method.upper()} {re.sub('{[^}]*}', '{}', path)}" in routes:
                answers = without_texts(operation["responses"])
                paths.setdefault(path, {})[method] = {"responses": answers}
    components, open_ends = {}, set(references(paths))
    # The conformance test corrects these by name.
    open_ends |= {("schemas", name) for name in ("InnerErrors", "ErrorResponse")
                  if name in description["components"]["schemas"]}
    while open_ends:
        group, name = open_ends.pop()
        if name in components.setdefault(group, {}):
            continue
        components[group][name] = without_texts(description["components"][group][name])
        open_ends |= set(references(components[group][name]))
    json.dump(
        {"openapi": description["openapi"], "info": {
            "title": description["info"]["title"], "version": description["info"]["version"],
            "license": description["info"]["license"]},
         "paths": paths, "components": components},
        sys.stdout, separators=(",", ":"), sort_keys=True)
    print()


main()
