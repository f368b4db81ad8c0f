#!/usr/bin/env python3
"""Drives a running Discord simulator with two clients that this project did not write.

    discord_clients.py API_URL CONTROL_URL [hikari|discord.py ...]

API_URL is what `provider-discord discord-sim` prints for the API (http://127.0.0.1:PORT/api/v10),
CONTROL_URL the same for the control API (http://127.0.0.1:PORT/control). The packages hikari and
discord.py must be importable; both are used unmodified, and only their REST part. Exits with 0 when
both could do everything, and prints what each step saw.
"""

import asyncio
import contextlib
import json
import sys
import urllib.request

TOKEN = "sandbox-token"


def control(base, method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(base + path, method=method, data=data)
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def check(condition, what):
    if not condition:
        raise AssertionError(what)
    print("  ok:", what)


@contextlib.contextmanager
def demoted(base, guild_id):
    """The bot may only look, for a while."""
    path = f"/guilds/{guild_id}/bot-permissions"
    control(base, "PUT", path, {"permissions": "1024"})
    yield
    control(base, "PUT", path, {"permissions": "8"})


def make_fail(base, fault, **match):
    """The next request that matches goes wrong in this way."""
    control(base, "POST", "/faults", {"count": 1, **match, "fault": fault})


async def refused(call, error_type, code, what):
    """The call must raise the client's own exception for Discord's code."""
    try:
        await call
    except error_type as error:
        check(error.code == code, f"{what}: {error_type.__name__} {code}")
        return error
    raise AssertionError(f"{what}: nothing was raised")


async def with_hikari(api, base, guild_id):
    import hikari

    app = hikari.RESTApp(url=api)
    await app.start()
    try:
        async with app.acquire(TOKEN, hikari.TokenType.BOT) as rest:
            me = await rest.fetch_my_user()
            check(me.is_bot, f"fetch_my_user: {me.username}")
            guild = await rest.fetch_guild(guild_id)
            check(len(guild.roles) >= 2, f"fetch_guild: {guild.name}, {len(guild.roles)} roles")
            role = await rest.create_role(
                guild_id, name="hikari role", permissions=hikari.Permissions.VIEW_CHANNEL,
                color=0x336699, hoist=True, reason="by hikari")
            check(int(role.color) == 0x336699 and role.is_hoisted, "create_role")
            category = await rest.create_guild_category(guild_id, "Hikari Category")
            text = await rest.create_guild_text_channel(
                guild_id, "Hikari Text", topic="first", category=category.id,
                permission_overwrites=[
                    hikari.PermissionOverwrite(
                        id=role.id, type=hikari.PermissionOverwriteType.ROLE,
                        allow=hikari.Permissions.SEND_MESSAGES)
                ], reason="made by hikari – naïve")
            check(text.name == "hikari-text" and text.topic == "first", "create_guild_text_channel")
            check(role.id in text.permission_overwrites, "overwrite came back")
            made = [
                await rest.create_guild_voice_channel(guild_id, "Hikari Voice", user_limit=5),
                await rest.create_guild_news_channel(guild_id, "hikari-news"),
                await rest.create_guild_stage_channel(guild_id, "Hikari Stage"),
                await rest.create_guild_forum_channel(
                    guild_id, "hikari-forum",
                    available_tags=[hikari.ForumTag(name="bug", moderated=True)]),
            ]
            check(len(made[3].available_tags) == 1, "voice, news, stage and forum channels")
            edited = await rest.edit_channel(text.id, topic="second", nsfw=True)
            check(edited.topic == "second" and edited.is_nsfw, "edit_channel")
            await rest.edit_permission_overwrite(
                text.id, role, deny=hikari.Permissions.SEND_MESSAGES)
            await rest.edit_permission_overwrite(
                text.id, me.id, target_type=hikari.PermissionOverwriteType.MEMBER,
                allow=hikari.Permissions.VIEW_CHANNEL)
            fetched = await rest.fetch_channel(text.id)
            seen = {key: (one.type, one.allow, one.deny)
                    for key, one in fetched.permission_overwrites.items()}
            check(seen == {
                role.id: (hikari.PermissionOverwriteType.ROLE, hikari.Permissions.NONE,
                          hikari.Permissions.SEND_MESSAGES),
                me.id: (hikari.PermissionOverwriteType.MEMBER, hikari.Permissions.VIEW_CHANNEL,
                        hikari.Permissions.NONE)}, "edit_permission_overwrite of role and member")
            await rest.delete_permission_overwrite(text.id, role.id)
            fetched = await rest.fetch_channel(text.id)
            check(list(fetched.permission_overwrites) == [me.id], "delete_permission_overwrite")
            listed = await rest.fetch_guild_channels(guild_id)
            check({one.id for one in listed} == {one.id for one in [text, category, *made]},
                  f"fetch_guild_channels: {len(listed)}")
            await rest.reposition_channels(guild_id, {3: text.id, 4: made[1].id})
            placed = {one.id: one.position for one in await rest.fetch_guild_channels(guild_id)}
            check((placed[text.id], placed[made[1].id]) == (3, 4), "reposition_channels")
            inside = await rest.edit_channel(made[0].id, parent_category=category.id)
            check(inside.parent_id == category.id, "edit_channel moves into a category")
            await rest.edit_role(guild_id, role.id, name="renamed", mentionable=True)
            roles = await rest.fetch_roles(guild_id)
            found = [r for r in roles if r.id == role.id][0]
            check((found.name, found.is_mentionable, found.is_hoisted, int(found.color)) ==
                  ("renamed", True, True, 0x336699), "edit_role changes only what it says")
            second = await rest.create_role(guild_id, name="second")
            await rest.reposition_roles(guild_id, {1: second.id, 2: role.id})
            order = {r.id: r.position for r in await rest.fetch_roles(guild_id)}
            check((order[second.id], order[role.id]) == (1, 2), "reposition_roles")
            await rest.reposition_roles(guild_id, {1: role.id, 2: second.id})
            order = {r.id: r.position for r in await rest.fetch_roles(guild_id)}
            check((order[role.id], order[second.id]) == (1, 2), "reposition_roles and back")
            member = await rest.fetch_member(guild_id, me.id)
            check(member.role_ids, "fetch_member")
            edited_guild = await rest.edit_guild(
                guild_id, verification_level=hikari.GuildVerificationLevel.LOW)
            check(edited_guild.verification_level == 1, "edit_guild")
            log = [page async for page in rest.fetch_audit_log(
                guild_id, user=me.id, event_type=hikari.AuditLogEventType.CHANNEL_CREATE)]
            entries = [e for page in log for e in page.entries.values()]
            check(len(entries) == 6 and all(e.user_id == me.id for e in entries),
                  "fetch_audit_log by user and event")
            check([e.target_id for e in entries if e.reason == "made by hikari – naïve"] == [text.id],
                  "fetch_audit_log has the decoded reason with its target")
            webhook = await rest.create_webhook(text.id, "hook")
            check(webhook.token is not None, "create_webhook")
            invite = await rest.create_invite(text.id, max_age=60)
            check(invite.max_age.total_seconds() == 60, "create_invite")
            error = await refused(
                rest.create_guild_text_channel(guild_id, "x" * 101), hikari.BadRequestError, 50035,
                "a name of 101 characters")
            check("name" in error.errors, "its error has the field's path")
            await refused(rest.fetch_channel(1), hikari.NotFoundError, 10003, "an unknown channel")
            await refused(rest.fetch_guild(1), hikari.NotFoundError, 10004, "an unknown guild")
            await refused(rest.edit_role(guild_id, 1, name="x"), hikari.NotFoundError, 10011,
                          "an unknown role")
            with demoted(base, guild_id):
                await refused(rest.create_guild_text_channel(guild_id, "no"), hikari.ForbiddenError,
                              50013, "a creation without permission")
            make_fail(base, {"kind": "rate-limited", "retryAfter": 0.1}, method="PATCH")
            make_fail(base, {"kind": "status-before-commit", "status": 502}, method="GET")
            edited = await rest.edit_channel(text.id, topic="third")
            check(edited.topic == "third", "a 429 is waited for")
            check(await rest.fetch_channel(text.id), "a 502 is tried again")
            for channel in [text, *made, category]:
                await rest.delete_channel(channel.id)
            for one in [role, second]:
                await rest.delete_role(guild_id, one.id)
            await refused(rest.delete_channel(text.id), hikari.NotFoundError, 10003,
                          "the second deletion of a channel")
            await refused(rest.delete_role(guild_id, role.id), hikari.NotFoundError, 10011,
                          "the second deletion of a role")
            check(not await rest.fetch_guild_channels(guild_id), "all channels deleted")
            check(len(await rest.fetch_roles(guild_id)) == 2, "all roles deleted")
        async with app.acquire("not-a-token", hikari.TokenType.BOT) as rest:
            await refused(rest.fetch_my_user(), hikari.UnauthorizedError, 0, "a wrong token")
    finally:
        await app.close()


async def with_discord_py(api, base, guild_id):
    import discord
    from discord.http import Route

    Route.BASE = api
    client = discord.Client(intents=discord.Intents.none())
    await client.login(TOKEN)
    try:
        check(client.user.bot, f"login: {client.user.name}")
        guild = await client.fetch_guild(guild_id)
        check(len(guild.roles) >= 2, f"fetch_guild: {guild.name}, {len(guild.roles)} roles")
        role = await guild.create_role(
            name="dpy role", permissions=discord.Permissions(view_channel=True),
            colour=discord.Colour(0x112233), hoist=True, reason="by discord.py")
        check(role.colour.value == 0x112233 and role.hoist, "create_role")
        category = await guild.create_category("Dpy Category")
        overwrites = {role: discord.PermissionOverwrite(send_messages=False)}
        text = await guild.create_text_channel(
            "Dpy Text", category=category, topic="first", slowmode_delay=5,
            overwrites=overwrites, reason="made by discord.py – naïve")
        check(text.name == "dpy-text" and text.slowmode_delay == 5, "create_text_channel")
        voice = await guild.create_voice_channel("Dpy Voice", user_limit=7)
        check(voice.user_limit == 7, "create_voice_channel")
        stage = await guild.create_stage_channel("Dpy Stage")
        forum = await guild.create_forum(
            "dpy-forum", topic="f", available_tags=[discord.ForumTag(name="bug")])
        check([tag.name for tag in forum.available_tags] == ["bug"], "stage channel and forum")
        news = await guild.create_text_channel("dpy-news", news=True)
        check(news.is_news(), "create_text_channel(news=True)")
        edited = await text.edit(topic="second", nsfw=True)
        check(edited.topic == "second" and edited.nsfw, "channel.edit")
        check(text.overwrites_for(role).pair() == overwrites[role].pair(), "overwrites came back")
        await text.set_permissions(role, send_messages=True, view_channel=False)
        fetched = await guild.fetch_channel(text.id)
        allow, deny = fetched.overwrites_for(role).pair()
        check((allow, deny) == (discord.Permissions(send_messages=True),
                                discord.Permissions(view_channel=True)), "set_permissions")
        await category.set_permissions(role, connect=False)
        # What channel.edit(sync_permissions=True) sends, which needs the gateway's cache.
        await client.http.bulk_channel_update(guild_id, [
            {"id": voice.id, "position": 0, "parent_id": category.id, "lock_permissions": True}])
        synced = await guild.fetch_channel(voice.id)
        check(synced.category_id == category.id and synced.overwrites_for(role).connect is False,
              "bulk_channel_update moves into a category and takes its overwrites")
        await text.set_permissions(role, overwrite=None)
        fetched = await guild.fetch_channel(text.id)
        check(not fetched.overwrites, "set_permissions(overwrite=None)")
        role = await role.edit(name="renamed", mentionable=True)
        found = [r for r in await guild.fetch_roles() if r.id == role.id][0]
        check((found.name, found.mentionable, found.hoist, found.colour.value) ==
              ("renamed", True, True, 0x112233), "role.edit changes only what it says")
        role = await role.edit(
            colour=discord.Colour(0x112233), secondary_colour=discord.Colour(0x445566))
        check(role.secondary_colour.value == 0x445566, "role.edit with a gradient")
        await client.http.bulk_channel_update(
            guild_id, [{"id": text.id, "position": 3}, {"id": news.id, "position": 4}])
        placed = {one.id: one.position for one in await guild.fetch_channels()}
        check((placed[text.id], placed[news.id]) == (3, 4), "bulk_channel_update")
        second = await guild.create_role(name="second")
        for first, last in [(role, second), (second, role)]:
            await client.http.move_role_position(
                guild_id, [{"id": first.id, "position": 1}, {"id": last.id, "position": 2}])
            order = {one.id: one.position for one in await guild.fetch_roles()}
            check((order[first.id], order[last.id]) == (1, 2), "move_role_position")
        member = await guild.fetch_member(client.user.id)
        check(len(member._roles) == 1, "fetch_member")
        listed = await guild.fetch_channels()
        check(len(listed) == 6, f"fetch_channels: {len(listed)}")
        made = [entry async for entry in guild.audit_logs(
            user=client.user, action=discord.AuditLogAction.channel_create)]
        check(len(made) == 6, "audit_logs by user and action")
        check([entry.target.id for entry in made
               if entry.reason == "made by discord.py – naïve"] == [text.id],
              "audit_logs has the decoded reason with its target")
        webhook = await text.create_webhook(name="hook")
        check(webhook.token is not None, "create_webhook")
        invite = await text.create_invite(max_age=60)
        check(invite.max_age == 60, "create_invite")
        error = await refused(guild.create_text_channel("x" * 101), discord.HTTPException, 50035,
                              "a name of 101 characters")
        check("name" in error.text, "its error has the field's path")
        await refused(client.fetch_channel(1), discord.NotFound, 10003, "an unknown channel")
        await refused(client.fetch_guild(1), discord.NotFound, 10004, "an unknown guild")
        with demoted(base, guild_id):
            await refused(guild.create_text_channel("no"), discord.Forbidden, 50013,
                          "a creation without permission")
        make_fail(base, {"kind": "rate-limited", "retryAfter": 0.1}, method="PATCH")
        edited = await text.edit(topic="third")
        check(edited.topic == "third", "a 429 is waited for")
        for channel in [text, voice, stage, forum, news, category]:
            await channel.delete()
        for one in [role, second]:
            await one.delete()
        await refused(text.delete(), discord.NotFound, 10003, "the second deletion of a channel")
        await refused(role.delete(), discord.NotFound, 10011, "the second deletion of a role")
        check(not await guild.fetch_channels(), "all channels deleted")
        check(len(await guild.fetch_roles()) == 2, "all roles deleted")
        stranger = discord.Client(intents=discord.Intents.none())
        try:
            await stranger.login("not-a-token")
            check(False, "a wrong token is refused")
        except discord.LoginFailure:
            check(True, "a wrong token: LoginFailure")
        finally:
            await stranger.close()
    finally:
        await client.close()


CLIENTS = {"hikari": with_hikari, "discord.py": with_discord_py}


def main():
    api, base, *names = sys.argv[1:]
    for name in names or CLIENTS:
        guild = control(base, "POST", "/guilds", {
            "name": f"Guild of {name}",
            "features": ["COMMUNITY", "NEWS", "ENHANCED_ROLE_COLORS"]})
        control(base, "POST", "/score/reset")
        print(name)
        asyncio.run(CLIENTS[name](api, base, int(guild["id"])))
        score = control(base, "GET", "/score")
        print("  requests:", score["requests"], "rate limited:", score["rateLimited"])
        check(not score["duplicates"], "no duplicates")
        check(not score["byRoute"].get("unknown"), "no unknown route")
        check(score["announced"] == 0, "no 429 that had been announced")
        control(base, "DELETE", f"/guilds/{guild['id']}")


main()
