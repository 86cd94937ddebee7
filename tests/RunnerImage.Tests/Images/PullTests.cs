using System.Text.Json;

namespace RunnerImage.Tests.Images;

/// <summary>Images come from a real registry by what describes them; their layers only when they are needed.</summary>
[Collection<BuildKitGroup>]
public sealed class PullTests(BuildKitFixture buildKit)
{
    [Fact]
    public async Task AnImageIsPromotedWithoutItsLayers()
    {
        using var pod = await buildKit.OpenAsync("docker-registry");
        using var registry = await Registry.StartAsync();
        var digest = await PublishAsync(pod, registry, "dev/app:1", "--platform=linux/amd64,linux/arm64");

        var pulled = await pod.DoAsync("pull", $"{registry.Host}/dev/app:1");
        await pod.DoAsync("tag", $"{registry.Host}/dev/app:1", $"{registry.Host}/prod/app:2");
        await pod.DoAsync("push", $"{registry.Host}/prod/app:2");

        Assert.Contains($"Digest: {digest}", pulled.Output, StringComparison.Ordinal);
        Assert.Contains("Status: Downloaded newer image", pulled.Output, StringComparison.Ordinal);
        Assert.Equal(digest, await registry.DigestAsync("prod/app", "2"));
        var layers = pod.Store.Layout.Missing(pod.Store.Images()[0].Root);
        Assert.NotEmpty(layers);
        Assert.All(layers, l => Assert.Equal(0, registry.Reads(l.Digest)));
        Assert.Contains("up to date", (await pod.DoAsync("pull", $"{registry.Host}/dev/app:1")).Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnImageGoesToAnotherRegistry()
    {
        using var pod = await buildKit.OpenAsync("docker-registry");
        using var from = await Registry.StartAsync();
        using var to = await Registry.StartAsync();
        var digest = await PublishAsync(pod, from, "app:1");

        await pod.DoAsync("pull", "-q", $"{from.Host}/app:1");
        await pod.DoAsync("tag", $"{from.Host}/app:1", $"{to.Host}/app:1");
        await pod.DoAsync("push", $"{to.Host}/app:1");

        Assert.Equal(digest, await to.DigestAsync("app", "1"));
    }

    [Fact]
    public async Task WhatIsPulledIsInspectedAndBuiltOn()
    {
        using var pod = await buildKit.OpenAsync("docker-registry");
        using var registry = await Registry.StartAsync();
        var digest = await PublishAsync(pod, registry, "app:1");
        var name = $"{registry.Host}/app:1";

        await pod.DoAsync("pull", name);
        await pod.DoAsync("tag", name, "base:dev");
        await pod.DoAsync("rmi", name);
        using var inspected = JsonDocument.Parse((await pod.DoAsync("inspect", "base:dev")).Output);
        var image = inspected.RootElement[0];

        Assert.Equal(digest, image.GetProperty("Id").GetString());
        Assert.Equal("GREETING=hello", image.GetProperty("Config").GetProperty("Env").EnumerateArray()
            .Last().GetString());
        Assert.Contains("1", (await pod.DoAsync("image", "inspect", "-f", "{{len .RootFS.Layers}}", "base:dev")).Output,
            StringComparison.Ordinal);
        Assert.Equal("one\n", await pod.FileInAsync("base:dev", "message"));
        Assert.NotEmpty(pod.Store.Layout.Missing(pod.Store.Images()[0].Root));
    }

    [Fact]
    public async Task LayersComeWhenTheyAreNeeded()
    {
        using var pod = await buildKit.OpenAsync("docker-registry");
        using var registry = await Registry.StartAsync();
        await PublishAsync(pod, registry, "app:1", "--platform=linux/amd64,linux/arm64");
        var name = $"{registry.Host}/app:1";
        await pod.DoAsync("pull", name);

        await pod.DoAsync("save", "-o", "app.tar", name);
        await pod.DoAsync("system", "prune", "-af");
        await pod.DoAsync("load", "-i", "app.tar");
        await pod.DoAsync("push", name);

        Assert.Empty(pod.Store.Layout.Missing(pod.Store.Images()[0].Root));
        Assert.Equal("one\n", await pod.FileInAsync(name, "message"));
    }

    [Fact]
    public async Task ADigestOrAPlatformIsPulled()
    {
        using var pod = await buildKit.OpenAsync("docker-registry");
        using var registry = await Registry.StartAsync();
        var digest = await PublishAsync(pod, registry, "app:1", "--platform=linux/amd64,linux/arm64");

        await pod.DoAsync("pull", $"{registry.Host}/app@{digest}");
        await pod.DoAsync("tag", $"{registry.Host}/app@{digest}", "whole");
        await pod.DoAsync("pull", "--platform", "linux/arm64", $"{registry.Host}/app:1");
        var none = await pod.DockerAsync("pull", "--platform=linux/s390x", $"{registry.Host}/app:1");

        Assert.Equal("arm64\n",
            (await pod.DoAsync("inspect", "-f", "{{.Architecture}}", $"{registry.Host}/app:1")).Output);
        Assert.Equal(digest, pod.Store.Images().Single(i => i.Name?.Familiar == "whole:latest").Id);
        Assert.Equal(1, none.Code);
        Assert.Contains("no matching manifest for linux/s390x", none.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TheJobsCredentialsAreUsed(bool byAHelper)
    {
        using var pod = await buildKit.OpenAsync("docker-registry");
        using var registry = await Registry.StartAsync(asksForPassword: true);
        var without = await pod.DockerAsync("pull", $"{registry.Host}/app:1");
        pod.LogIn(registry, byAHelper);
        await PublishAsync(pod, registry, "app:1");

        await pod.DoAsync("pull", $"{registry.Host}/app:1");

        Assert.Equal(1, without.Code);
        Assert.Matches("401|denied|unauthorized|no basic auth", without.Error);
        Assert.Equal([$"{registry.Host}/app:1"], pod.Names);
    }

    [Fact]
    public async Task WhatIsNotThereIsSaidInDockersWords()
    {
        using var pod = await buildKit.OpenAsync("docker-registry");
        using var registry = await Registry.StartAsync();

        var unknown = await pod.DockerAsync("pull", $"{registry.Host}/app:1");
        var nobody = await pod.DockerAsync("pull", "127.0.0.1:1/app");
        var all = await pod.DockerAsync("pull", "-a", "127.0.0.1:1/app");

        Assert.Equal((1, 1, 1), (unknown.Code, nobody.Code, all.Code));
        Assert.Contains($"manifest for {registry.Host}/app:1 not found", unknown.Error, StringComparison.Ordinal);
        Assert.Contains("connection refused", nobody.Error, StringComparison.Ordinal);
        Assert.Contains("dial tcp 127.0.0.1:1: connect: connection refused", all.Error, StringComparison.Ordinal);
        Assert.Empty(pod.Names);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AllTagsArePulled(bool asksForPassword)
    {
        using var pod = await buildKit.OpenAsync("docker-registry");
        using var registry = await Registry.StartAsync(asksForPassword);
        var without = await pod.DockerAsync("pull", "-a", $"{registry.Host}/app");
        if (asksForPassword)
            pod.LogIn(registry, byAHelper: true);
        var first = await PublishAsync(pod, registry, "app:1", "--platform=linux/amd64,linux/arm64");
        await PublishAsync(pod, registry, "app:2", "--label", "two=2");

        var ran = await pod.DoAsync("pull", "--all-tags", $"{registry.Host}/app");
        var again = await pod.DoAsync("image", "pull", "-a", $"{registry.Host}/app");
        var quiet = await pod.DoAsync("pull", "-q", "-a", $"{registry.Host}/app");

        Assert.Equal(1, without.Code);
        Assert.Contains(asksForPassword
            ? $"pull access denied for {registry.Host}/app, repository does not exist or may require 'docker login'"
            : $"repository {registry.Host}/app not found: name unknown", without.Error, StringComparison.Ordinal);
        Assert.Equal([$"{registry.Host}/app:1", $"{registry.Host}/app:2"], pod.Names);
        Assert.Contains($"1: Pulling from app\nDigest: {first}\n", ran.Output, StringComparison.Ordinal);
        Assert.Contains("2: Pulling from app\nDigest: sha256:", ran.Output, StringComparison.Ordinal);
        Assert.Contains($"Status: Downloaded newer image for {registry.Host}/app\n{registry.Host}/app\n", ran.Output,
            StringComparison.Ordinal);
        Assert.Contains($"Status: Image is up to date for {registry.Host}/app\n", again.Output,
            StringComparison.Ordinal);
        Assert.Equal($"{registry.Host}/app\n", quiet.Output);
        Assert.All(pod.Store.Images(), i => Assert.NotEmpty(pod.Store.Layout.Missing(i.Root)));
    }

    /// <summary>Puts an image into a registry as another job would have, and leaves nothing of it here.</summary>
    private static async Task<string> PublishAsync(
        BuildingPod pod, Registry registry, string name, params string[] options)
    {
        await pod.DoAsync(["build", .. options, "--push", "-t", $"{registry.Host}/{name}", "."]);
        Assert.Empty(pod.Names);
        return (await registry.DigestAsync(name.Split(':')[0], name.Split(':')[1]))!;
    }
}
