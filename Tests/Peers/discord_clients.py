#!/usr/bin/env python3
"""Drives a running Discord simulator with two clients that this project did not write.

    discord_clients.py API_URL CONTROL_URL [hikari|discord.py ...]

API_URL is what `provider-discord discord-sim` prints for the API (http://127.0.0.1:PORT/api/v10),
CONTROL_URL the same for the control API (http://127.0.0.1:PORT/control). The packages hikari and
discord.py must be importable; both are used unmodified, and only their REST part. Exits with 0 when
both could do everything, and prints what each step saw.
"""

import asyncio
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


async def with_hikari(api, guild_id):
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
            fetched = await rest.fetch_channel(text.id)
            denied = fetched.permission_overwrites[role.id].deny
            check(denied == hikari.Permissions.SEND_MESSAGES, "edit_permission_overwrite")
            await rest.delete_permission_overwrite(text.id, role.id)
            listed = await rest.fetch_guild_channels(guild_id)
            check(len(listed) == 6, f"fetch_guild_channels: {len(listed)}")
            await rest.reposition_channels(guild_id, {3: text.id, 4: category.id})
            await rest.edit_role(guild_id, role.id, name="renamed", mentionable=True)
            roles = await rest.fetch_roles(guild_id)
            check(any(r.name == "renamed" for r in roles), "edit_role, fetch_roles")
            await rest.reposition_roles(guild_id, {1: role.id})
            member = await rest.fetch_member(guild_id, me.id)
            check(member.role_ids, "fetch_member")
            edited_guild = await rest.edit_guild(
                guild_id, verification_level=hikari.GuildVerificationLevel.LOW)
            check(edited_guild.verification_level == 1, "edit_guild")
            log = [event async for event in rest.fetch_audit_log(guild_id)]
            reasons = {e.reason for page in log for e in page.entries.values()}
            check("made by hikari – naïve" in reasons, "fetch_audit_log with decoded reason")
            webhook = await rest.create_webhook(text.id, "hook")
            check(webhook.token is not None, "create_webhook")
            invite = await rest.create_invite(text.id, max_age=60)
            check(invite.max_age.total_seconds() == 60, "create_invite")
            try:
                await rest.create_guild_text_channel(guild_id, "x" * 101)
                check(False, "a name of 101 characters was refused")
            except hikari.BadRequestError as error:
                check(error.code == 50035 and "name" in error.errors, "errors with their path")
            try:
                await rest.fetch_channel(1)
                check(False, "an unknown channel was refused")
            except hikari.NotFoundError as error:
                check(error.code == 10003, "unknown channel is 10003")
            for channel in [text, *made, category]:
                await rest.delete_channel(channel.id)
            await rest.delete_role(guild_id, role.id)
            check(not await rest.fetch_guild_channels(guild_id), "everything deleted")
    finally:
        await app.close()


async def with_discord_py(api, guild_id):
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
        await text.set_permissions(role, send_messages=True)
        fetched = await guild.fetch_channel(text.id)
        check(fetched.name == "dpy-text", "set_permissions, fetch_channel")
        role = await role.edit(name="renamed", mentionable=True)
        roles = await guild.fetch_roles()
        check(any(r.name == "renamed" for r in roles), "role.edit, fetch_roles")
        await client.http.bulk_channel_update(
            guild_id, [{"id": text.id, "position": 3}, {"id": news.id, "position": 4}])
        await client.http.move_role_position(guild_id, [{"id": role.id, "position": 1}])
        check(True, "bulk positions of channels and roles")
        member = await guild.fetch_member(client.user.id)
        check(len(member._roles) == 1, "fetch_member")
        listed = await guild.fetch_channels()
        check(len(listed) == 6, f"fetch_channels: {len(listed)}")
        reasons = [entry.reason async for entry in guild.audit_logs(limit=100)]
        check("made by discord.py – naïve" in reasons, "audit_logs with decoded reason")
        webhook = await text.create_webhook(name="hook")
        check(webhook.token is not None, "create_webhook")
        invite = await text.create_invite(max_age=60)
        check(invite.max_age == 60, "create_invite")
        try:
            await guild.create_text_channel("x" * 101)
            check(False, "a name of 101 characters was refused")
        except discord.HTTPException as error:
            check(error.code == 50035 and "name" in error.text, "errors with their path")
        try:
            await client.fetch_channel(1)
            check(False, "an unknown channel was refused")
        except discord.NotFound as error:
            check(error.code == 10003, "unknown channel is 10003")
        for channel in [text, voice, stage, forum, news, category]:
            await channel.delete()
        await role.delete()
        check(not await guild.fetch_channels(), "everything deleted")
    finally:
        await client.close()


CLIENTS = {"hikari": with_hikari, "discord.py": with_discord_py}


def main():
    api, base, *names = sys.argv[1:]
    for name in names or CLIENTS:
        guild = control(base, "POST", "/guilds", {"name": f"Guild of {name}"})
        control(base, "POST", "/score/reset")
        print(name)
        asyncio.run(CLIENTS[name](api, int(guild["id"])))
        score = control(base, "GET", "/score")
        print("  requests:", score["requests"], "rate limited:", score["rateLimited"])
        check(not score["duplicates"], "no duplicates")
        check(not score["byRoute"].get("unknown"), "no unknown route")
        control(base, "DELETE", f"/guilds/{guild['id']}")


main()
