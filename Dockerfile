# The controller's image: the program on Microsoft's chiselled ASP.NET image, which has no shell and no package manager.
# docs/images.md says how to build it, how to move the versions, and why it is not self-contained.
#
#   docker buildx build --platform linux/amd64,linux/arm64 -t REGISTRY/runnerscaler:TAG --push .
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0.401@sha256:e70cdb7f80b0348f5cb85f19a8f670fca061f033d57eed12fa003d58b0e06317
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled@sha256:48e51f2f6798897be7ac4e775c049ed8fe60d3190f637e1f9c9dc7513efa659c

# The output is the same for every platform, so it is built once, on the builder's own.
FROM --platform=$BUILDPLATFORM ${SDK_IMAGE} AS build
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
RUN dotnet publish src/RunnerScaler -c Release --no-restore -p:UseAppHost=false -p:DebugType=embedded \
    -p:PublishDocumentationFile=false -o /app

FROM ${RUNTIME_IMAGE}
ARG RUNTIME_IMAGE
ARG VERSION=0.0.0
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
COPY --from=build --chown=0:0 /app/ /app/
# No debugger's socket, since nothing is written to disk. Compiled code is mapped once and not twice, which takes a quarter
# off the resident memory. The ports are the program's own options, so the base image's variable for them is emptied.
ENV DOTNET_EnableDiagnostics=0 \
    DOTNET_EnableWriteXorExecute=0 \
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
ENTRYPOINT ["dotnet", "/app/RunnerScaler.dll"]
