using RunnerImage.Posix;
using RunnerImage.Tests.Processes;

namespace RunnerImage.Tests.Images;

/// <summary>Images that builds name are there for later steps: real buildx and BuildKit, the pod's own store.</summary>
[Collection<BuildKitGroup>]
public sealed class KeptImageTests(BuildKitFixture buildKit)
{
    [Theory]
    [InlineData("build", "-t", "app:1", "-t", "app:latest", ".")]
    [InlineData("buildx", "build", "--load", "-t", "app:1", "-t", "app", ".")]
    [InlineData("image", "build", "-qt", "app", "--tag=app:1", ".")]
    [InlineData("buildx", "build", "-o", "type=docker,\"name=app:1,app\"", ".")]
    public async Task ANamedImageIsKept(params string[] command)
    {
        using var pod = await buildKit.OpenAsync();

        var ran = await pod.DoAsync(command);

        Assert.Equal(["app:1", "app:latest"], pod.Names);
        Assert.Equal("one\n", await pod.FileInAsync("app:1", "message"));
        Assert.DoesNotContain("::", ran.Error, StringComparison.Ordinal);
        Assert.Equal(command.Contains("-qt") ? 0 : 1,
            ran.Error.Split('\n').Count(l => l.Contains("is kept in this runner", StringComparison.Ordinal)));
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(pod.StoreFolder, "staging")));
    }

    [Fact]
    public async Task WithoutANameOrWithAPushNothingIsKept()
    {
        using var pod = await buildKit.OpenAsync();

        await pod.DoAsync("build", ".");
        await pod.DoAsync("build", "-t", "app", "-o", "type=oci,dest=app.tar", ".");
        Assert.NotEqual(0, (await pod.DockerAsync("build", "--push", "-t", "127.0.0.1:1/app", ".")).Code);
        var unnamed = await pod.DoAsync("buildx", "build", "--load", ".");

        Assert.Contains("without a name", unnamed.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(pod.StoreFolder));
    }

    [Theory]
    [InlineData("FROM app:1\n", "build", "-t", "next", "-f", "next.dockerfile", ".")]
    [InlineData("FROM scratch\nCOPY --from=app:1 /message /\n", "build", "-t", "next", "-f", "next.dockerfile", ".")]
    [InlineData("FROM docker.io/library/app:1 AS app\nFROM app\n", "build", "-t", "next", "-f", "next.dockerfile", ".")]
    [InlineData("FROM base\n",
        "build", "--build-context", "base=docker-image://app:1", "-t", "next", "-f", "next.dockerfile", ".")]
    [InlineData("ARG BASE=nothing\nFROM ${BASE}\n",
        "build", "--build-arg", "BASE=app", "-t", "next", "-f", "next.dockerfile", ".")]
    public async Task ALaterBuildFindsIt(string dockerfile, params string[] command)
    {
        using var pod = await buildKit.OpenAsync();
        await pod.DoAsync("build", "-t", "app:1", "-t", "app", ".");
        pod.Write("next.dockerfile", dockerfile);

        await pod.DoAsync(command);

        Assert.Equal(["app:1", "app:latest", "next:latest"], pod.Names);
        Assert.Equal("one\n", await pod.FileInAsync("next", "message"));
    }

    [Fact]
    public async Task AStageWinsOverAnImageOfItsName()
    {
        using var pod = await buildKit.OpenAsync();
        await pod.DoAsync("build", "-t", "app", ".");
        pod.Write("message", "two\n");
        pod.Write("next.dockerfile", "FROM scratch AS app\nCOPY message /message\nFROM app\n");

        await pod.DoAsync("build", "-t", "next", "-f", "next.dockerfile", ".");

        Assert.Equal("two\n", await pod.FileInAsync("next", "message"));
    }

    [Fact]
    public async Task ANewImageTakesTheNameAndTheOldOneStaysWithoutIt()
    {
        using var pod = await buildKit.OpenAsync();
        await pod.DoAsync("build", "-t", "app", ".");
        await pod.DoAsync("build", "-t", "app", ".");
        Assert.Equal(["app:latest"], pod.Names);
        pod.Write("message", "two\n");

        await pod.DoAsync("build", "-t", "app", ".");

        Assert.Equal(["<none>", "app:latest"], pod.Names);
        Assert.Equal("two\n", await pod.FileInAsync("app", "message"));
    }

    [Fact]
    public async Task ABuildThatFailsOrIsKilledLeavesNothing()
    {
        using var pod = await buildKit.OpenAsync();
        await pod.DoAsync("build", "-t", "app", ".");
        pod.Write("broken.dockerfile", "FROM app\nCOPY nowhere /\n");

        Assert.NotEqual(0, (await pod.DockerAsync("build", "-t", "broken", "-f", "broken.dockerfile", ".")).Code);
        Assert.Equal(["app:latest"], pod.Names);
        pod.Image.Script("real/docker-buildx.slow", "echo ready; exec sleep 1000");
        File.Move(pod.Image.In("real/docker-buildx"), pod.Image.In("real/true"));
        File.Move(pod.Image.In("real/docker-buildx.slow"), pod.Image.In("real/docker-buildx"));
        using var shim = pod.Image.Start(pod.Image.Program, "docker-buildx", "buildx", "build", "-t", "slow", ".");
        Assert.Equal("ready", await shim.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        Native.Signal(shim.Id, 9);
        await PodImage.EndAsync(shim);
        File.Move(pod.Image.In("real/true"), pod.Image.In("real/docker-buildx"), overwrite: true);

        await pod.DoAsync("build", "-t", "next", ".");

        Assert.Equal(["app:latest", "next:latest"], pod.Names);
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(pod.StoreFolder, "staging")));
    }

    [Fact]
    public async Task SeveralBuildsAtOnceAreAllKept()
    {
        using var pod = await buildKit.OpenAsync();
        string[] names = ["a", "b", "c", "d"];
        foreach (var name in names)
            pod.Write($"{name}/Dockerfile", $"FROM scratch\nCOPY Dockerfile /\nLABEL name={name}\n");

        await Task.WhenAll(names.Select(n => pod.DoAsync("build", "-t", n, n)));

        Assert.Equal(names.Select(n => $"{n}:latest"), pod.Names);
        foreach (var image in pod.Store.Images())
            Assert.Equal(3, pod.Store.Layout.Reachable(image.Root).Count);
    }

    [Fact]
    public async Task SeveralPlatformsAreOneImage()
    {
        using var pod = await buildKit.OpenAsync();

        await pod.DoAsync("build", "--platform", "linux/amd64,linux/arm64", "-t", "app", ".");

        var root = Assert.Single(pod.Store.Images()).Root;
        Assert.Equal(["amd64", "arm64"], pod.Store.Layout.ReadList(root.Digest).Manifests
            .Where(m => !m.IsAttestation).Select(m => m.Platform!.Architecture).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ABakeKeepsItsTargets(bool fromInput)
    {
        using var pod = await buildKit.OpenAsync();
        await pod.DoAsync("build", "-t", "base:dev", "-t", "base", ".");
        const string bake = """
            {"group":{"default":{"targets":["app","file"]}},
             "target":{
              "app":{"context":".","dockerfile-inline":"FROM base:dev\nCOPY --from=other /message /copy\n",
               "contexts":{"other":"docker-image://base"},
               "tags":["app:1"],"output":["type=docker"]},
              "file":{"context":".","tags":["file"],"output":["type=oci,dest=file.tar"]},
              "pushed":{"context":".","tags":["127.0.0.1:1/pushed"],"output":["type=registry"]}}}
            """;
        pod.Write("bake.json", bake);

        var ran = fromInput
            ? await pod.FeedAsync(bake, "buildx", "bake", "--load", "-f", "-", "app")
            : await pod.DockerAsync("buildx", "bake", "-f", "bake.json");

        Assert.True(ran.Code == 0, ran.Error);
        Assert.Equal(["app:1", "base:dev", "base:latest"], pod.Names);
        Assert.Equal("one\n", await pod.FileInAsync("app:1", "copy"));
        Assert.Equal(!fromInput, File.Exists(pod.Image.In("file.tar")));
    }

    [Fact]
    public async Task ComposeBuildsSeveralServices()
    {
        using var pod = await buildKit.OpenAsync("docker-compose", "docker-registry");
        using var registry = await Registry.StartAsync();
        pod.Write("compose.yaml", $$"""
            name: shop
            services:
              base: { image: "base:dev", build: . }
              app:
                image: "{{registry.Host}}/app:1"
                depends_on: [base]
                build:
                  context: .
                  dockerfile_inline: "FROM base:dev\nCOPY message /copy\n"
                  additional_contexts: { "base:dev": "service:base" }
              unnamed: { build: . }
              other: { image: "nowhere:1" }

            """);

        await pod.DoAsync("compose", "build");
        pod.Write("message", "two\n");
        await pod.DoAsync("compose", "build", "app");
        await pod.DoAsync("push", $"{registry.Host}/app:1");

        Assert.Equal([$"{registry.Host}/app:1", "<none>", "base:dev", "shop-unnamed:latest"],
            pod.Names.Distinct().Order(StringComparer.Ordinal));
        Assert.Equal("two\n", await pod.FileInAsync($"{registry.Host}/app:1", "copy"));
        Assert.NotNull(await registry.DigestAsync("app", "1"));
    }

    [Fact]
    public async Task ComposeBuildsAndPushes()
    {
        using var pod = await buildKit.OpenAsync("docker-compose", "docker-registry");
        using var registry = await Registry.StartAsync();
        pod.Write("compose.yaml", $$"""
            services:
              app: { image: "{{registry.Host}}/app:1", build: . }
              web: { image: "{{registry.Host}}/web:1", build: . }

            """);

        await pod.DoAsync("compose", "build", "--push");

        Assert.NotNull(await registry.DigestAsync("app", "1"));
        Assert.NotNull(await registry.DigestAsync("web", "1"));
        Assert.Empty(pod.Names);
    }

    [Fact]
    public async Task AStoreThatIsFullSaysSo()
    {
        using var pod = await buildKit.OpenAsync();
        pod.Image.Variables["IMAGE_STORE_GIB"] = "0";

        var ran = await pod.DockerAsync("build", "-t", "app", ".");

        Assert.Equal(1, ran.Code);
        Assert.Contains("store of images is full", ran.Error, StringComparison.Ordinal);
        Assert.Contains("IMAGE_STORE_GIB", ran.Error, StringComparison.Ordinal);
        Assert.Empty(pod.Names);
        Assert.Empty(Directory.EnumerateFiles(pod.Store.Layout.Blobs));
    }
}
