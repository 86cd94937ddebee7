using System.Runtime.InteropServices;

namespace RunnerImage.Tests.Images;

/// <summary>The commands that look at the store and tidy it up, by the real docker.</summary>
[Collection<BuildKitGroup>]
public sealed class ImageCommandTests(BuildKitFixture buildKit)
{
    [Fact]
    public async Task ImagesAreListedInDockersFormats()
    {
        using var pod = await buildKit.OpenAsync();
        Assert.StartsWith("REPOSITORY", (await pod.DoAsync("images")).Output, StringComparison.Ordinal);
        await pod.DoAsync("build", "-t", "app:1", "-t", "ghcr.io/acme/app:2", "--label", "team=a", ".");
        pod.Write("message", "two\n");
        await pod.DoAsync("build", "-t", "other", ".");

        Assert.Equal(["app:1", "ghcr.io/acme/app:2", "other:latest"],
            await LinesAsync(pod, "image", "ls", "--format", "{{.Repository}}:{{.Tag}}"));
        Assert.Equal(["app:1", "ghcr.io/acme/app:2"],
            await LinesAsync(pod, "images", "--filter", "label=team=a", "--format", "{{.Repository}}:{{.Tag}}"));
        Assert.Equal(["app:1"], await LinesAsync(pod, "images", "--format", "{{.Repository}}:{{.Tag}}", "app"));
        Assert.Equal([Id(pod, "app:1")], await LinesAsync(pod, "images", "-q", "--no-trunc", "app:1"));
        Assert.Empty(await LinesAsync(pod, "images", "-q", "--filter", "dangling=true"));
        Assert.Contains("invalid filter 'x'", (await pod.DockerAsync("images", "-f", "x=y")).Error,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{{.Id}}", null)]
    [InlineData("{{index .RepoTags 0}}", "app:1")]
    [InlineData("{{.Config.Env}}", "GREETING=hello")]
    [InlineData("{{json .Config.Cmd}}", "[\"/message\"]")]
    [InlineData("{{index .RepoDigests 0}}", "app@sha256:")]
    [InlineData("{{.Os}}/{{len .RootFS.Layers}}", "linux/1")]
    public async Task AnImageIsInspected(string format, string? expected)
    {
        using var pod = await buildKit.OpenAsync();
        var ran = await pod.DoAsync("build", "-q", "-t", "app:1", ".");

        foreach (var name in (string[])["app:1", Id(pod, "app:1"), ran.Output.Trim()])
        {
            Assert.Contains(expected ?? Id(pod, "app:1"),
                (await pod.DoAsync("image", "inspect", "--format", format, name)).Output, StringComparison.Ordinal);
            Assert.Contains(expected ?? Id(pod, "app:1"),
                (await pod.DoAsync("inspect", "-f", format, name)).Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AnImageHasAHistory()
    {
        using var pod = await buildKit.OpenAsync();
        await pod.DoAsync("build", "-t", "app:1", ".");

        var lines = await LinesAsync(pod, "history", "--no-trunc", "--format", "{{.CreatedBy}}", "app:1");

        Assert.Contains("/message", lines[0], StringComparison.Ordinal);
        Assert.Contains(lines, l => l.Contains("COPY message", StringComparison.Ordinal));
    }

    [Fact]
    public async Task NamesAndImagesAreRemoved()
    {
        using var pod = await buildKit.OpenAsync();
        await pod.DoAsync("build", "-t", "app:1", "-t", "app:2", ".");
        var blobs = Directory.GetFiles(pod.Store.Layout.Blobs).Length;

        Assert.Equal("Untagged: app:1\n", (await pod.DoAsync("rmi", "app:1")).Output);
        Assert.Equal(blobs, Directory.GetFiles(pod.Store.Layout.Blobs).Length);
        Assert.Contains("Deleted: sha256:", (await pod.DoAsync("image", "rm", "app:2")).Output,
            StringComparison.Ordinal);

        Assert.Empty(pod.Names);
        Assert.Empty(Directory.GetFiles(pod.Store.Layout.Blobs));
    }

    [Fact]
    public async Task CleanUpsSucceedAndTakeWhatHasNoName()
    {
        using var pod = await buildKit.OpenAsync();
        await pod.DoAsync("system", "prune", "-f");
        Assert.False(Directory.Exists(pod.StoreFolder));
        await pod.DoAsync("build", "-t", "app", ".");
        pod.Write("message", "two\n");
        await pod.DoAsync("build", "-t", "app", ".");
        Assert.Equal(["<none>", "app:latest"], pod.Names);

        Assert.Contains("Images", (await pod.DoAsync("system", "df")).Output, StringComparison.Ordinal);
        await pod.DoAsync("image", "prune", "-f");
        Assert.Equal(["app:latest"], pod.Names);
        foreach (var kind in (string[])["container", "network", "volume"])
            await pod.DoAsync(kind, "prune", "-f");
        await pod.DoAsync("system", "prune", "-af");

        Assert.Empty(pod.Names);
    }

    [Fact]
    public async Task ACleanUpOfOldOnesGoesByTheTimeInThePod()
    {
        using var pod = await buildKit.OpenAsync();
        await pod.DoAsync("build", "-t", "app:1", ".");
        await pod.DoAsync("build", "--build-arg", "SOURCE_DATE_EPOCH=0", "-t", "app:2", "--label", "b=2", ".");

        await pod.DoAsync("image", "prune", "-af", "--filter", "until=24h");
        Assert.Equal(["app:1", "app:2"], pod.Names);
        Assert.Empty(await LinesAsync(pod, "images", "-q", "--filter", "until=24h"));
        File.SetLastWriteTimeUtc(pod.Store.Layout.PathOf(Id(pod, "app:1")), DateTime.UtcNow.AddHours(-25));
        Assert.Single(await LinesAsync(pod, "images", "-q", "--filter", "until=24h"));
        await pod.DoAsync("image", "prune", "-af", "--filter", "until=24h");

        Assert.Equal(["app:2"], pod.Names);
        Assert.Contains("invalid filter 'until=soon'",
            (await pod.DockerAsync("image", "prune", "-f", "--filter", "until=soon")).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("linux/arm64,linux/amd64")]
    [InlineData("linux/amd64,linux/arm64")]
    public async Task OfSeveralPlatformsThatOfThisMachineIsShown(string platforms)
    {
        using var pod = await buildKit.OpenAsync();
        await pod.DoAsync("build", "--platform", platforms, "-t", "app", ".");

        var own = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64";
        Assert.Equal($"linux/{own}\n", (await pod.DoAsync("inspect", "-f", "{{.Os}}/{{.Architecture}}", "app")).Output);
    }

    [Theory]
    [InlineData("No such image: nowhere", "tag", "nowhere", "x:1")]
    [InlineData("No such image: nowhere", "image", "inspect", "nowhere")]
    [InlineData("No such object: nowhere", "inspect", "nowhere")]
    [InlineData("No such image: nowhere", "rmi", "nowhere")]
    [InlineData("No such image: nowhere", "history", "nowhere")]
    [InlineData("is not a valid repository/tag", "tag", "app", "A B")]
    public async Task WhatIsNotThereIsSaidInDockersWords(string words, params string[] command)
    {
        using var pod = await buildKit.OpenAsync();

        var ran = await pod.DockerAsync(command);

        Assert.Equal(1, ran.Code);
        Assert.Contains(words, ran.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.EnumerateFiles(pod.Image.In("state")),
            f => f.EndsWith(".sock", StringComparison.Ordinal));
    }

    private static async Task<string[]> LinesAsync(BuildingPod pod, params string[] command) =>
        [.. (await pod.DoAsync(command)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Order(StringComparer.Ordinal)];

    private static string Id(BuildingPod pod, string name) =>
        pod.Store.Images().Single(i => i.Name?.Familiar == name).Id;
}
