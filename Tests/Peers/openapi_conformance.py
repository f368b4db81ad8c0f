#!/usr/bin/env python3
"""Checks a running Discord simulator's answers against Discord's own description of its API.

    openapi_conformance.py DESCRIPTION API_URL CONTROL_URL

Performs every operation that the simulator has, and then has every one of them refused in each way
there is: no token, a wrong User-Agent, unknown and malformed identifiers, broken JSON, a rate limit.
Each answer is validated with jsonschema against the schema that DESCRIPTION (discord-openapi.json)
gives for its route and status, and its X-RateLimit-* fields against those it gives for them. The
routes come from the simulator, `GET /control/routes`. Exits with 1 when an answer does not fit, when
a route is not in the description or the other way round, or when an operation was never performed.
"""

import json
import re
import sys
import urllib.error
import urllib.request

from jsonschema import Draft202012Validator

PNG = "data:image/png;base64,iVBORw0KGgo="


def corrected(description):
    """Where Discord's documentation or behaviour is known to differ from its description."""
    schemas = description["components"]["schemas"]
    # Deprecated, and null in answers.
    for name in ("GuildResponse", "GuildWithCountsResponse"):
        schemas[name]["properties"]["region"] = {"type": ["string", "null"]}
    # Media channels exist, and the description does not list them.
    schemas["GuildChannelResponse"]["properties"]["type"]["enum"].append(16)
    schemas["ChannelTypes"]["oneOf"].append({"const": 16, "title": "GUILD_MEDIA"})
    # Inner error codes are words.
    schemas["InnerErrors"]["properties"]["_errors"]["items"] = {
        "type": "object", "required": ["code", "message"],
        "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
    }
    # Of a feature that is newer than the description.
    schemas["GuildFeatures"]["oneOf"].append({"const": "ENHANCED_ROLE_COLORS"})
    return description


class Conformance:
    def __init__(self, description, api, control):
        self.description = corrected(description)
        self.api, self.control = api, control
        self.templates = {}
        for path, methods in self.description["paths"].items():
            for method, operation in methods.items():
                if method in ("get", "put", "post", "patch", "delete"):
                    key = f"{method.upper()} {re.sub('{[^}]*}', '{}', path)}"
                    self.templates[key] = operation
        self.performed, self.refused, self.failures, self.count = set(), {}, [], 0

    def raw(self, base, method, path, body=None, headers=None):
        """Sends a body as JSON, or bytes as they are; gives status, body and header fields."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Authorization": "Bot sandbox-token", "User-Agent": "DiscordBot (peers, 1)"}
        if data is not None:
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        request = urllib.request.Request(base + path, method=method, data=data, headers=sent)
        try:
            with urllib.request.urlopen(request) as response:
                return response.status, response.read(), response.headers
        except urllib.error.HTTPError as error:
            return error.code, error.read(), error.headers

    def call(self, route, *parts, body=None, status=None, query="", headers=None):
        """Performs one operation and judges its answer; gives the parsed body."""
        method, template = route.split(" ", 1)
        path = template
        for part in parts:
            path = path.replace("{}", str(part), 1)
        got, text, fields = self.raw(self.api, method, path + query, body, headers)
        self.count += 1
        value = json.loads(text) if text else None
        if status is not None and got != status:
            self.failures.append(f"{route}: {got} instead of {status}: {text[:300]!r}")
            return value
        if got < 400:
            self.performed.add(route)
        else:
            self.refused.setdefault(route, set()).add(got)
        operation = self.templates.get(route)
        if operation is None:
            if status is None or got < 400:
                self.failures.append(f"{route}: not in the description")
            return value
        answers = operation["responses"]
        answer = answers.get(str(got)) or answers.get(f"{got // 100}XX")
        if answer is None:
            self.failures.append(f"{route}: status {got} is not in the description")
            return value
        if "$ref" in answer:
            name = answer["$ref"].rsplit("/", 1)[1]
            answer = self.description["components"]["responses"][name]
        for name, header in answer.get("headers", {}).items():
            self.judge_field(route, got, name, header, fields.get(name))
        content = answer.get("content", {}).get("application/json")
        if content is None:
            if text:
                self.failures.append(f"{route}: a body where there should be none")
            return value
        schema = {**content["schema"], "components": self.description["components"]}
        validator = Draft202012Validator(schema)
        for error in validator.iter_errors(value):
            self.failures.append(f"{route} {got}: {explain(error)}")
        if validator.is_valid("something else"):
            self.failures.append(f"{route} {got}: the schema says nothing")
        return value

    def judge_field(self, route, status, name, header, text):
        """Limits that are off have no header fields."""
        if text is None:
            return
        if "$ref" in header:
            header = self.description["components"]["headers"][header["$ref"].rsplit("/", 1)[1]]
        value = text if header["schema"]["type"] == "string" else json.loads(text)
        for error in Draft202012Validator(header["schema"]).iter_errors(value):
            self.failures.append(f"{route} {status}: {name}: {error.message}")


def explain(error):
    """The deepest complaint of the alternative that came closest."""
    while error.context:
        groups = {}
        for inner in error.context:
            groups.setdefault(inner.schema_path[0], []).append(inner)
        error = min(groups.values(), key=len)[0]
    return f"{'/'.join(str(p) for p in error.absolute_path)}: {error.message[:300]}"


def perform_everything(api, guild):
    call = api.call
    call("GET /gateway", status=200)
    call("GET /gateway/bot", status=200)
    call("GET /applications/@me", status=200)
    call("GET /oauth2/applications/@me", status=200)
    me = call("GET /users/@me", status=200)
    call("GET /users/{}", me["id"], status=200)
    call("GET /users/@me/guilds", status=200, query="?with_counts=true")
    call("GET /guilds/{}", guild, status=200)
    call("GET /guilds/{}", guild, status=200, query="?with_counts=true")
    call("GET /guilds/{}", 5, status=404)

    role = call("POST /guilds/{}/roles", guild, status=200,
                body={"name": "r", "permissions": "1024", "color": 255, "hoist": True})
    call("GET /guilds/{}/roles/{}", guild, role["id"], status=200)
    call("PATCH /guilds/{}/roles/{}", guild, role["id"], status=200,
         body={"colors": {"primary_color": 1, "secondary_color": 2}, "icon": PNG})
    call("PATCH /guilds/{}/roles/{}", guild, role["id"], status=400, body={"name": "x" * 101})
    call("GET /guilds/{}/roles", guild, status=200)
    call("PATCH /guilds/{}/roles", guild, status=200, body=[{"id": role["id"], "position": 1}])
    call("GET /guilds/{}/roles/member-counts", guild, status=200)

    overwrites = [{"id": role["id"], "type": 0, "allow": "1024", "deny": "2048"}]
    made = {}
    for kind in (4, 0, 2, 5, 13, 15, 16):
        made[kind] = call(
            "POST /guilds/{}/channels", guild, status=201,
            body={
                "name": f"kind {kind}", "type": kind, "permission_overwrites": overwrites,
                "topic": "t", "bitrate": 32000, "rtc_region": "rotterdam",
                "video_quality_mode": 2, "default_auto_archive_duration": 1440,
                "default_thread_rate_limit_per_user": 3, "default_sort_order": 1,
                "default_forum_layout": 2, "default_tag_setting": "match_some",
                "default_reaction_emoji": {"emoji_name": "+"},
                "available_tags": [{"name": "bug", "emoji_name": "x"}],
                "parent_id": made[4]["id"] if kind != 4 else None,
            })
        call("GET /channels/{}", made[kind]["id"], status=200)
        call("PATCH /channels/{}", made[kind]["id"], status=200,
             body={"name": f"new {kind}", "nsfw": True, "rate_limit_per_user": 5})
    text = made[0]["id"]
    call("POST /guilds/{}/channels", guild, status=400, body={"name": "", "type": 99})
    call("GET /guilds/{}/channels", guild, status=200)
    call("PATCH /guilds/{}/channels", guild, status=204, body=[{"id": text, "position": 9}])
    call("PUT /channels/{}/permissions/{}", text, me["id"], status=204,
         body={"type": 1, "allow": "1024"})
    call("DELETE /channels/{}/permissions/{}", text, me["id"], status=204)
    call("GET /channels/{}", 5, status=404)

    call("PATCH /guilds/{}", guild, status=200,
         body={"name": "Renamed", "rules_channel_id": text, "public_updates_channel_id": text,
               "system_channel_id": text, "afk_channel_id": made[2]["id"], "afk_timeout": 900,
               "icon": PNG, "description": "d", "features": ["COMMUNITY", "INVITES_DISABLED"]})
    call("PATCH /guilds/{}", guild, status=400, body={"name": "x", "afk_timeout": 7})
    call("POST /guilds", status=400, body={"name": "new"})

    call("GET /guilds/{}/members", guild, status=200, query="?limit=100")
    call("GET /guilds/{}/members/search", guild, status=200, query="?query=s&limit=10")
    call("PATCH /guilds/{}/members/@me", guild, status=200, body={"nick": "Botty"})
    api.raw(api.control, "POST", f"/guilds/{guild}/members", {"user": {"id": "700"}})
    call("GET /guilds/{}/members/{}", guild, 700, status=200)
    call("PATCH /guilds/{}/members/{}", guild, 700, status=200, body={"nick": "Ann"})
    call("PUT /guilds/{}/members/{}/roles/{}", guild, 700, role["id"], status=204)
    call("DELETE /guilds/{}/members/{}/roles/{}", guild, 700, role["id"], status=204)
    call("DELETE /guilds/{}/members/{}", guild, 700, status=204)

    hook = call("POST /channels/{}/webhooks", text, status=200, body={"name": "hook"})
    call("GET /channels/{}/webhooks", text, status=200)
    call("GET /guilds/{}/webhooks", guild, status=200)
    call("GET /webhooks/{}", hook["id"], status=200)
    call("PATCH /webhooks/{}", hook["id"], status=200, body={"name": "new", "avatar": PNG})
    call("GET /webhooks/{}/{}", hook["id"], hook["token"], status=200)
    call("PATCH /webhooks/{}/{}", hook["id"], hook["token"], status=200, body={"name": "n"})
    call("DELETE /webhooks/{}/{}", hook["id"], hook["token"], status=204)
    hook = call("POST /channels/{}/webhooks", text, status=200, body={"name": "hook"})
    call("DELETE /webhooks/{}", hook["id"], status=204)

    invite = call("POST /channels/{}/invites", text, status=200, body={"max_age": 60})
    call("GET /channels/{}/invites", text, status=200)
    call("GET /guilds/{}/invites", guild, status=200)
    call("GET /invites/{}", invite["code"], status=200)
    call("DELETE /invites/{}", invite["code"], status=200)

    call("DELETE /channels/{}", made[2]["id"], status=200)
    call("DELETE /guilds/{}/roles/{}", guild, role["id"], status=204)
    call("GET /guilds/{}/audit-logs", guild, status=200, query="?limit=100")
    call("GET /guilds/{}", guild, status=401, headers={"Authorization": "Bot wrong"})
    call("DELETE /users/@me/guilds/{}", guild, status=204)


def refuse_everything(api, routes):
    """Every way in which every operation can be refused alike."""
    for route in routes:
        method, template = route.split(" ", 1)
        parts = template.count("{}")
        is_open = template == "/gateway" or template == "/webhooks/{}/{}"

        def refused(status, what, **more):
            api.call(route, *[what] * parts, status=status, **more)

        refused(403, 5, headers={"User-Agent": "curl/8"})
        if not is_open:
            refused(401, 5, headers={"Authorization": "Bot wrong"})
        if parts:
            refused(404, 5)
            refused(404 if template.startswith("/invites") else 400, "abc")
        if method in ("POST", "PUT", "PATCH"):
            refused(400, 5, body=b"{")
            refused(400, 5, body={}, headers={"Content-Type": "text/plain"})
        api.raw(api.control, "POST", "/faults", {
            "method": method, "route": template, "count": 1,
            "fault": {"kind": "rate-limited", "retryAfter": 0.5}})
        refused(429, 5)


def main():
    path, api_url, control = sys.argv[1:]
    with open(path) as file:
        api = Conformance(json.load(file), api_url, control)
    routes = json.loads(api.raw(control, "GET", "/routes")[1])
    # Discord took it away for bots and out of its description; it can only be refused.
    removed = {"POST /guilds"}
    # So high that nothing is held back, so that answers have the fields of a limit all the same.
    api.raw(control, "PUT", "/limits", {
        "mode": "fixed", "global": 0, "default": {"limit": 100000, "window": 600},
        "routes": {route: {"limit": 100000, "window": 600} for route in routes}})
    _, text, _ = api.raw(control, "POST", "/guilds", {
        "name": "Conformance",
        "features": ["COMMUNITY", "NEWS", "ROLE_SUBSCRIPTIONS_ENABLED", "ROLE_ICONS",
                     "ENHANCED_ROLE_COLORS"],
    })
    perform_everything(api, json.loads(text)["id"])
    refuse_everything(api, routes)
    for route in sorted(set(routes) - api.performed - removed):
        api.failures.append(f"{route}: never performed")
    for route in sorted(set(routes) - api.refused.keys()):
        api.failures.append(f"{route}: never refused")
    for route in sorted(api.templates.keys() - set(routes)):
        api.failures.append(f"{route}: in the description, and the simulator does not have it")
    for failure in api.failures:
        print("FAIL", failure)
    refusals = sum(map(len, api.refused.values()))
    print(f"{api.count} answers of {len(api.performed)} operations, refused with {refusals} statuses"
          f" in all, {len(api.failures)} deviations")
    sys.exit(1 if api.failures else 0)


main()
