namespace RunnerImage.Tests.Images;

/// <summary>Images of the store go to a real registry, by the real docker and buildx.</summary>
[Collection<BuildKitGroup>]
public sealed class PushTests(BuildKitFixture buildKit)
{
    [Fact]
    public async Task AnImageIsPushedUnderItsOwnDigest()
    {
        using var pod = await buildKit.OpenAsync("docker-registry");
        using var registry = await Registry.StartAsync();
        await pod.DoAsync("build", "-t", "app:1", ".");
        await pod.DoAsync("tag", "app:1", $"{registry.Host}/acme/app:1");

        var ran = await pod.DoAsync("push", $"{registry.Host}/acme/app:1");

        var digest = await registry.DigestAsync("acme/app", "1");
        Assert.Equal(pod.Store.Images()[0].Id, digest);
        Assert.Contains($"1: digest: {digest} size: ", ran.Output, StringComparison.Ordinal);
        Assert.Equal("one\n", await pod.FileInAsync($"{registry.Host}/acme/app:1", "message"));
    }

    [Fact]
    public async Task WhatTheRegistryHasIsNotSentAgain()
    {
        using var pod = await buildKit.OpenAsync("docker-registry");
        using var registry = await Registry.StartAsync();
        await pod.DoAsync("build", "-t", $"{registry.Host}/app:1", ".");
        await pod.DoAsync("push", $"{registry.Host}/app:1");
        var uploads = registry.Uploads();
        Assert.True(uploads >= 2, registry.Log());

        await pod.DoAsync("tag", $"{registry.Host}/app:1", $"{registry.Host}/app:2");
        await pod.DoAsync("push", $"{registry.Host}/app:2");

        Assert.Equal(uploads, registry.Uploads());
        Assert.NotNull(await registry.DigestAsync("app", "2"));
    }

    [Fact]
    public async Task AllTagsAndAllPlatformsArePushed()
    {
        using var pod = await buildKit.OpenAsync("docker-registry");
        using var registry = await Registry.StartAsync();
        await pod.DoAsync("build", "--platform=linux/amd64,linux/arm64",
            "-t", $"{registry.Host}/app:1", "-t", $"{registry.Host}/app:2", ".");
        pod.Write("message", "two\n");
        await pod.DoAsync("build", "--provenance=false", "-t", $"{registry.Host}/app:3", ".");

        await pod.DoAsync("image", "push", "--all-tags", $"{registry.Host}/app");

        var first = await registry.DigestAsync("app", "1");
        Assert.Equal(2, pod.Store.Layout.ReadList(first!).Manifests.Count(m => !m.IsAttestation));
        Assert.Equal(first, await registry.DigestAsync("app", "2"));
        Assert.Equal(pod.Store.Images().Single(i => i.Name!.Tag == "3").Id, await registry.DigestAsync("app", "3"));
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(9, false)]
    public async Task ARegistryThatHasALayerTooLateIsAskedAgain(int refusals, bool arrives)
    {
        using var pod = await buildKit.OpenAsync("docker-registry");
        using var registry = await Registry.StartAsync();
        await pod.DoAsync("build", "-t", $"{registry.Host}/app:1", ".");
        var tries = pod.RefuseCopies(refusals);

        var ran = await pod.DockerAsync("push", $"{registry.Host}/app:1");

        Assert.Equal(arrives, ran.Code == 0);
        Assert.Equal(arrives, await registry.DigestAsync("app", "1") is not null);
        Assert.Equal("5\n", await File.ReadAllTextAsync(tries, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TheJobsCredentialsAreUsed(bool byAHelper)
    {
        using var pod = await buildKit.OpenAsync("docker-registry");
        using var registry = await Registry.StartAsync(asksForPassword: true);
        await pod.DoAsync("build", "-t", $"{registry.Host}/app", ".");
        var refused = await pod.DockerAsync("push", $"{registry.Host}/app");
        Assert.Equal(1, refused.Code);
        Assert.Matches("401|denied|unauthorized|no basic auth", refused.Error);
        pod.LogIn(registry, byAHelper);

        await pod.DoAsync("push", $"{registry.Host}/app");

        Assert.NotNull(await registry.DigestAsync("app", "latest"));
    }

    [Fact]
    public async Task WhatCannotBePushedFailsInDockersWords()
    {
        using var pod = await buildKit.OpenAsync();

        var unknown = await pod.DockerAsync("push", "ghcr.io/acme/app:1");
        await pod.DoAsync("build", "-t", "127.0.0.1:1/app", ".");
        var nobody = await pod.DockerAsync("push", "127.0.0.1:1/app");

        Assert.Equal(1, unknown.Code);
        Assert.Contains("An image does not exist locally with the tag: ghcr.io/acme/app", unknown.Error,
            StringComparison.Ordinal);
        Assert.Equal(1, nobody.Code);
        Assert.Contains("connection refused", nobody.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SeveralPushesAtOnceAllArrive()
    {
        using var pod = await buildKit.OpenAsync("docker-registry");
        using var registry = await Registry.StartAsync();
        string[] names = [.. ((string[])["a", "b", "c"]).Select(n => $"{registry.Host}/{n}")];
        await pod.DoAsync(["build", .. names.SelectMany(n => (string[])["-t", n]), "."]);

        await Task.WhenAll(names.Select(n => pod.DoAsync("push", n)));

        Assert.NotNull(await registry.DigestAsync("a", "latest"));
        Assert.NotNull(await registry.DigestAsync("b", "latest"));
        Assert.NotNull(await registry.DigestAsync("c", "latest"));
    }
}
