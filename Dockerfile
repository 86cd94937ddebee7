# The controller's image: the program in native code on Microsoft's chiselled image of what such programs need, which has no
# shell and no package manager. docs/images.md says how to build it and how to move the versions.
#
#   docker buildx build -t REGISTRY/runnerscaler:TAG --push .
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0.401-noble-aot@sha256:1a069a730888d278b5ac00e3e238707387d20d2b65f0fc6866b6180df0a767e0
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled@sha256:18d4848091a40d13dbfdd6a8340c1657dc3e2f2d7fa2f042e9d162e68669dbc9

# Native AOT links for the machine it runs on: build each platform on its own kind.
FROM ${SDK_IMAGE} AS build
ARG TARGETARCH
ENV CI=true DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
WORKDIR /source
COPY global.json .editorconfig Directory.Build.props Directory.Packages.props BannedSymbols.txt ./
COPY src/RunnerScaler/RunnerScaler.csproj src/RunnerScaler/packages.lock.json src/RunnerScaler/
COPY src/RunnerScaler.Protocol/RunnerScaler.Protocol.csproj src/RunnerScaler.Protocol/packages.lock.json \
    src/RunnerScaler.Protocol/
RUN dotnet restore src/RunnerScaler --locked-mode
COPY deploy/crds/ deploy/crds/
COPY src/RunnerScaler.Protocol/ src/RunnerScaler.Protocol/
COPY src/RunnerScaler/ src/RunnerScaler/
RUN case "$TARGETARCH" in amd64) rid=linux-x64 ;; *) rid="linux-$TARGETARCH" ;; esac \
    && dotnet publish src/RunnerScaler -c Release -r "$rid" -o /app

FROM ${RUNTIME_IMAGE}
ARG RUNTIME_IMAGE
ARG VERSION=0.0.0
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
COPY --from=build --chown=0:0 /app/RunnerScaler /app/RunnerScaler
# The collector's youngest generation has 4 MiB, in hexadecimal: less memory for the same processor time. The ports are the
# program's own options, so the base image's variable for them is emptied.
ENV DOTNET_GCgen0size=400000 \
    ASPNETCORE_HTTP_PORTS=
LABEL org.opencontainers.image.title="RunnerScaler" \
    org.opencontainers.image.description="Keeps just enough ephemeral GitHub Actions runners for the jobs that wait" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.version="$VERSION" \
    org.opencontainers.image.revision="$REVISION" \
    org.opencontainers.image.created="$CREATED" \
    org.opencontainers.image.base.name="$RUNTIME_IMAGE"
WORKDIR /app
USER 1654:1654
EXPOSE 8080 8443
ENTRYPOINT ["/app/RunnerScaler"]
