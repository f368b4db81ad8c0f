# syntax=docker/dockerfile:1
# The provider's image: docker build -t provider-discord:0.1.0 .
#
# tools/test-image.sh assembles the second stage without Docker, from the package list below.

FROM swift:6.3-bookworm AS build
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends \
       liblua5.4-dev libcurl4-openssl-dev libsimdjson-dev g++ \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY Package.swift ./
COPY Sources Sources
COPY Tests Tests
# The Swift standard library and Foundation go into the binary; Lua, libcurl and simdjson are the
# distribution's, so that its security updates reach them. A section for each function lets the linker
# lay side by side what a run executes (see the Makefile).
RUN swift build -c release --static-swift-stdlib --product provider-discord \
       -Xswiftc -Xfrontend -Xswiftc -function-sections -Xcc -ffunction-sections \
    && strip -o /provider-discord .build/release/provider-discord

FROM debian:12-slim
# What the binary is linked with, and the certificates of the authorities for https://discord.com.
ARG RUNTIME_PACKAGES="ca-certificates libcurl4 libgcc-s1 liblua5.4-0 libsimdjson14 libstdc++6"
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends $RUNTIME_PACKAGES \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/apt /var/log/dpkg.log
COPY --from=build /provider-discord /usr/local/bin/provider-discord
COPY scripts /scripts
COPY chart/provider-discord/crds /crds
# A number, so that Kubernetes can see that it is not root.
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/provider-discord"]
# Crossplane starts a provider without arguments.
CMD ["run"]
