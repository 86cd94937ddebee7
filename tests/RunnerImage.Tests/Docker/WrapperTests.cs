using System.Text.Json;
using RunnerImage.Docker;
using RunnerImage.Tests.Buildx;

namespace RunnerImage.Tests.Docker;

public sealed class WrapperTests
{
    private static readonly DockerFacts Step = new(true, false, "", "", false, []);

    private static readonly DockerFacts Qemu = Step with { Action = "docker/setup-qemu-action" };

    [Theory]
    [InlineData("")]
    [InlineData("--version")]
    [InlineData("--help")]
    [InlineData("-D")]
    [InlineData("version")]
    [InlineData("info")]
    [InlineData("login -u x --password-stdin ghcr.io")]
    [InlineData("--config /c login")]
    [InlineData("logout")]
    [InlineData("buildx build --load .")]
    [InlineData("build .")]
    [InlineData("image build .")]
    [InlineData("builder build .")]
    [InlineData("builder prune")]
    [InlineData("bake")]
    [InlineData("context create builders")]
    [InlineData("manifest inspect x")]
    [InlineData("trust inspect x")]
    [InlineData("run --help")]
    [InlineData("container run --help")]
    [InlineData("compose config")]
    [InlineData("compose -f run.yaml build")]
    [InlineData("compose --profile up version")]
    [InlineData("compose")]
    [InlineData("docker-cli-plugin-metadata")]
    [InlineData("something-new")]
    [InlineData("-H tcp://mine:2375 run x")]
    [InlineData("--host=tcp://mine:2375 ps")]
    [InlineData("-c mine push x")]
    [InlineData("--context mine push x")]
    [InlineData("--new-flag run x")]
    [InlineData("-- run")]
    public void WhatNeedsNoDaemonIsPassedOn(string line) => Assert.Equal(DockerDecision.PassOn, Decide(line, Step));

    [Theory]
    [InlineData("run --rm alpine", "docker run needs", "RUN of a Dockerfile")]
    [InlineData("--debug run x", "docker run needs", "DOCKER_HOST")]
    [InlineData("container run x", "docker container run needs", "DOCKER_HOST")]
    [InlineData("ps", "docker ps needs", "DOCKER_HOST")]
    [InlineData("exec x sh", "docker exec needs", "DOCKER_HOST")]
    [InlineData("start x", "docker start needs", "DOCKER_HOST")]
    [InlineData("compose up -d", "docker compose up needs", "bake -f")]
    [InlineData("compose -f x --profile=y down", "docker compose down needs", "DOCKER_HOST")]
    [InlineData("network create x", "docker network create needs", "DOCKER_HOST")]
    public void WhatNeedsADaemonIsRefusedWithAWayOut(string line, string what, string wayOut)
    {
        var refusal = Decide(line, Step).Refusal;

        Assert.NotNull(refusal);
        Assert.Equal(Message.ErrorLevel, refusal.Level);
        Assert.Contains(what, refusal.Text, StringComparison.Ordinal);
        Assert.Contains(wayOut, refusal.Text, StringComparison.Ordinal);
        Assert.Equal(DockerDecision.PassOn, Decide(line, Step with { HasDocker = true }));
        Assert.Equal(DockerDecision.PassOn, Decide(line, Step with { HasBuilder = false }));
    }

    [Theory]
    [InlineData("push x")]
    [InlineData("tag a b")]
    [InlineData("image tag a b")]
    [InlineData("images")]
    [InlineData("image ls -q")]
    [InlineData("image inspect x")]
    [InlineData("inspect x")]
    [InlineData("rmi x")]
    [InlineData("history x")]
    [InlineData("save x")]
    [InlineData("load -i x")]
    [InlineData("image save x")]
    [InlineData("pull x")]
    [InlineData("image pull -q x")]
    [InlineData("import x y")]
    [InlineData("create x")]
    [InlineData("container create --name y x")]
    [InlineData("cp x:/a .")]
    [InlineData("container cp x:/a -")]
    [InlineData("export x")]
    [InlineData("rm -f x")]
    [InlineData("container prune -f")]
    [InlineData("system df")]
    [InlineData("system prune -af")]
    [InlineData("volume prune -f")]
    public void ImagesOfTheStoreAreAnswered(string line)
    {
        Assert.Equal(new DockerDecision(UsesImages: true), Decide(line, Step));
        Assert.Equal(DockerDecision.PassOn, Decide(line, Step with { HasDocker = true }));
        Assert.Equal(DockerDecision.PassOn, Decide(line, Step with { HasBuilder = false }));
    }

    [Theory]
    [InlineData("push x", null)]
    [InlineData("--config /c push x", "/c")]
    [InlineData("--config=/c -D image pull x", "/c")]
    public void TheCredentialsAreThoseThatTheCallNames(string line, string? folder) =>
        Assert.Equal(new DockerDecision(UsesImages: true, ConfigFolder: folder), Decide(line, Step));

    [Theory]
    [InlineData("build .")]
    [InlineData("image build .")]
    public void TheBuilderOfTheDaemonIsRefused(string line)
    {
        Assert.Contains("DOCKER_BUILDKIT", Decide(line, Step with { BuildKitIsOff = true }).Refusal!.Text,
            StringComparison.Ordinal);
        Assert.Equal(DockerDecision.PassOn, Decide("buildx build .", Step with { BuildKitIsOff = true }));
    }

    [Theory]
    [InlineData("docker/setup-buildx-action", "v2.4.1", "version", true)]
    [InlineData("docker/setup-buildx-action", "0123abc", "info", true)]
    [InlineData("docker/build-push-action", "v3", "info", true)]
    [InlineData("docker/build-push-action", "v2.9.0", "version", true)]
    [InlineData("Docker/Bake-Action", "v2", "version", true)]
    [InlineData("docker/build-push-action", "v3", "login", false)]
    [InlineData("docker/build-push-action", "v6", "version", false)]
    [InlineData("docker/bake-action", "v5.13.0", "version", false)]
    [InlineData("docker/build-push-action", "", "version", false)]
    [InlineData("acme/build-push-action", "v3", "version", false)]
    [InlineData("evil/docker/setup-buildx-action", "v2", "version", false)]
    [InlineData("", "v2", "version", false)]
    public void OldMajorsHearThatThereIsADocker(string action, string version, string line, bool answered) =>
        Assert.Equal(answered, Decide(line, Step with { Action = action, ActionVersion = version }).Answer is not null);

    [Theory]
    [InlineData("version")]
    [InlineData("info")]
    [InlineData("pull docker.io/tonistiigi/binfmt:latest")]
    [InlineData("load -i x")]
    [InlineData("image inspect docker.io/tonistiigi/binfmt:latest")]
    [InlineData("run --rm --privileged docker.io/tonistiigi/binfmt:latest --version")]
    [InlineData("run --rm --privileged docker.io/tonistiigi/binfmt:latest --uninstall qemu-*")]
    [InlineData("run --rm --privileged docker.io/tonistiigi/binfmt:latest --install all")]
    public void TheQemuActionHasNothingToDo(string line)
    {
        Assert.Contains("emulators", Decide(line, Qemu).Answer, StringComparison.Ordinal);
        Assert.Null(Decide(line, Step with { Action = "acme/setup-qemu-action" }).Answer);
    }

    [Fact]
    public void TheQemuActionReadsThePlatforms()
    {
        using var json = JsonDocument.Parse(Decide("run --rm --privileged binfmt", Qemu).Answer!);

        Assert.Contains("linux/arm64",
            json.RootElement.GetProperty("supported").EnumerateArray().Select(p => p.GetString()));
    }

    [Fact]
    public void TheQemuActionPutsNothingIntoTheCache()
    {
        Assert.Contains("cache-image", Decide("save -o x binfmt", Qemu).Refusal!.Text, StringComparison.Ordinal);
        Assert.NotNull(Decide("ps", Qemu).Refusal);
        Assert.Equal(DockerDecision.PassOn, Decide("login", Qemu));
    }

    [Theory]
    [InlineData("login -u x --password-stdin plain.test:5000", true)]
    [InlineData("login http://plain.test:5000/v2 -u x", true)]
    [InlineData("login LAX.test", true)]
    [InlineData("login https://lax.test", true)]
    [InlineData("login mirrored.test", false)]
    [InlineData("login plain.test", false)]
    [InlineData("login ghcr.io", false)]
    [InlineData("login", false)]
    [InlineData("logout plain.test:5000", false)]
    public void ALoginGoesBesideDockersOwnOnlyWhereThePoolSaysSo(string line, bool isOurs)
    {
        var facts = Step with
        {
            Registries =
            [
                new("plain.test:5000", [], Http: true, Insecure: false),
                new("lax.test", [], Http: false, Insecure: true),
                new("mirrored.test", ["plain.test:5000"], Http: false, Insecure: false),
            ],
        };
        Assert.Equal(isOurs, Decide(line, facts).UsesImages);
        Assert.False(Decide(line, facts with { HasDocker = true }).UsesImages);
    }

    private static DockerDecision Decide(string line, DockerFacts facts) => Wrapper.Decide(Sample.Words(line), facts);
}
