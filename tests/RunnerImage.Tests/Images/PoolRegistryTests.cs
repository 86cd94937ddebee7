using RunnerImage.Tests.Claims;
using RunnerScaler.Protocol;

namespace RunnerImage.Tests.Images;

/// <summary>
/// Registries that the pool says are reached by plain HTTP, or without a look at their certificates: real ones, under
/// names that are not this machine's own, with which Docker's programs speak plain HTTP anyway.
/// </summary>
[Collection<BuildKitGroup>]
public sealed class PoolRegistryTests(BuildKitFixture buildKit)
{
    private const string Name = "registry.test";

    public static TheoryData<bool, string?, bool> Registries => new()
    {
        { false, null, false },
        { false, null, true },
        { true, Name, false },
        { true, Name, true },
        { true, "other.test", false },
    };

    [Theory]
    [MemberData(nameof(Registries))]
    public async Task ImagesGoThereAndComeFromThere(bool isTls, string? certified, bool asksForPassword)
    {
        using var pod = await OpenAsync();
        using var registry = await Registry.StartAsync(
            asksForPassword, isTls ? new TestAuthority(certified).Server : null);
        var host = registry.HostAs(Name);
        if (asksForPassword)
            pod.LogIn(host, byAHelper: false);
        await pod.DoAsync("build", "-t", $"{host}/app:1", "--platform=linux/amd64,linux/arm64", ".");
        await pod.DoAsync("tag", $"{host}/app:1", $"{host}/app:2");
        Assert.Equal(1, (await pod.DockerAsync("push", $"{host}/app:1")).Code);

        pod.Tell(new PodRegistry(host, [], Http: !isTls, Insecure: isTls));
        await pod.DoAsync("push", "--all-tags", $"{host}/app");
        var digest = await registry.DigestAsync("app", "1");
        await pod.DoAsync("system", "prune", "-af");
        await pod.DoAsync("pull", $"{host}/app@{digest}");
        await pod.DoAsync("pull", "--all-tags", $"{host}/app");
        await pod.DoAsync("tag", $"{host}/app:2", $"{host}/copy:1");
        await pod.DoAsync("push", $"{host}/copy:1");
        await pod.DoAsync("save", "-o", "app.tar", $"{host}/app:1");
        var seen = await pod.DoAsync("buildx", "imagetools", "inspect", $"{host}/app:1");

        Assert.Equal(digest, await registry.DigestAsync("copy", "1"));
        Assert.Contains(digest!, seen.Output, StringComparison.Ordinal);
        Assert.Contains($"{host}/app:1", pod.Names);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AStepLogsInThere(bool isTls)
    {
        using var pod = await OpenAsync();
        using var registry = await Registry.StartAsync(
            asksForPassword: true, isTls ? new TestAuthority(Name).Server : null);
        var host = registry.HostAs(Name);
        string[] login = ["login", "-u", Registry.User, "-p", Registry.Password, host];
        await pod.DoAsync("build", "-t", $"{host}/app:1", ".");
        Assert.Equal(1, (await pod.DockerAsync(login)).Code);

        pod.Tell(new PodRegistry(host, [], Http: !isTls, Insecure: isTls));
        var wrong = await pod.DockerAsync("login", "-u", Registry.User, "-p", "wrong", host);
        var refused = await pod.DockerAsync("push", $"{host}/app:1");
        var known = await pod.DoAsync(login);
        await pod.DoAsync("push", $"{host}/app:1");
        var again = await pod.DoAsync("login", host);
        await pod.DoAsync("logout", host);
        var left = await pod.DockerAsync("push", $"{host}/app:1");

        Assert.Equal((1, 1, 1), (wrong.Code, refused.Code, left.Code));
        Assert.Contains("unauthorized: incorrect username or password", wrong.Error, StringComparison.Ordinal);
        Assert.Contains("Login Succeeded", known.Output, StringComparison.Ordinal);
        Assert.Contains("Login Succeeded", again.Output, StringComparison.Ordinal);
        Assert.NotNull(await registry.DigestAsync("app", "1"));
    }

    [Fact]
    public async Task OthersAreCheckedAsBefore()
    {
        using var pod = await OpenAsync();
        using var insecure = await Registry.StartAsync(certificate: new TestAuthority(Name).Server);
        using var other = await Registry.StartAsync(certificate: new TestAuthority("other.test").Server);
        var (host, checkedHost) = (insecure.HostAs(Name), other.HostAs("other.test"));
        pod.Tell(new PodRegistry(host, [], Http: false, Insecure: true));
        await pod.DoAsync("build", "-t", $"{host}/app:1", "-t", $"{checkedHost}/app:1", ".");
        await pod.DoAsync("push", $"{host}/app:1");

        var pushed = await pod.DockerAsync("push", $"{checkedHost}/app:1");
        var pulled = await pod.DockerAsync("pull", "-a", $"{checkedHost}/app");
        var seen = await pod.DockerAsync("buildx", "imagetools", "inspect", $"{checkedHost}/app:1");

        Assert.All([pushed, pulled, seen], ran =>
        {
            Assert.Equal(1, ran.Code);
            Assert.Contains("certificate", ran.Error, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task TheEnvironmentsProxyStaysTheWay()
    {
        using var pod = await OpenAsync();
        using var registry = await Registry.StartAsync(certificate: new TestAuthority(Name).Server);
        var host = registry.HostAs(Name);
        pod.Tell(new PodRegistry(host, [], Http: false, Insecure: true));
        pod.Image.Variables["HTTPS_PROXY"] = "http://127.0.0.1:1";
        await pod.DoAsync("build", "-t", $"{host}/app:1", ".");

        var refused = await pod.DockerAsync("push", $"{host}/app:1");
        pod.Image.Variables["NO_PROXY"] = ".test";
        await pod.DoAsync("push", $"{host}/app:1");

        Assert.Equal(1, refused.Code);
        Assert.Contains("connection refused", refused.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(pod.Image.In("state"), "tunnel-*"));
    }

    /// <summary>A registry that only the proxy knows, by a name that means nothing here.</summary>
    [Fact]
    public async Task TheEnvironmentsProxyLeadsThere()
    {
        using var pod = await buildKit.OpenAsync("docker-registry");
        using var registry = await Registry.StartAsync(
            asksForPassword: true, certificate: new TestAuthority(Name).Server);
        using var proxy = new UpstreamProxy();
        var host = registry.HostAs(Name);
        pod.Tell(new PodRegistry(host, [], Http: false, Insecure: true));
        pod.Image.Variables["HTTPS_PROXY"] = proxy.Address;
        await pod.DoAsync("build", "-t", $"{host}/app:1", ".");

        await pod.DoAsync("login", "-u", Registry.User, "-p", Registry.Password, host);
        await pod.DoAsync("push", $"{host}/app:1");
        await pod.DoAsync("pull", "--all-tags", $"{host}/app");
        pod.Image.Variables["HTTPS_PROXY"] =
            proxy.Address.Replace(UpstreamProxy.Password, "wrong", StringComparison.Ordinal);
        var refused = await pod.DockerAsync("push", $"{host}/app:1");

        Assert.Equal(1, refused.Code);
        Assert.True(proxy.Asked.Count >= 3);
        Assert.All(proxy.Asked, target => Assert.Equal(host, target));
    }

    [Fact]
    public async Task AMirrorIsAskedFirst()
    {
        using var pod = await OpenAsync();
        using var mirror = await Registry.StartAsync();
        var host = mirror.HostAs(Name);
        pod.Tell(
            new PodRegistry("far.test", [host], Http: false, Insecure: false),
            new PodRegistry(host, [], Http: true, Insecure: false));
        await pod.DoAsync("build", "-t", $"{host}/app:1", ".");
        await pod.DoAsync("push", $"{host}/app:1");

        await pod.DoAsync("pull", "far.test/app:1");

        Assert.Contains("far.test/app:1", pod.Names);
    }

    /// <summary>A builder that the job has made, and nothing of what it has there, hides the pool's settings.</summary>
    [Theory]
    [InlineData("imagetools --builder mine inspect")]
    [InlineData("--builder mine imagetools inspect")]
    [InlineData("imagetools inspect")]
    public async Task AJobsOwnBuilderReachesThemToo(string command)
    {
        using var pod = await OpenAsync();
        using var registry = await Registry.StartAsync();
        var host = registry.HostAs(Name);
        pod.Tell(new PodRegistry(host, [], Http: true, Insecure: false));
        await pod.DoAsync("build", "-t", $"{host}/app:1", ".");
        await pod.DoAsync("push", $"{host}/app:1");
        await pod.DoAsync("buildx", "create", "--name", "mine", "--use");

        await pod.DoAsync(["buildx", .. command.Split(' '), $"{host}/app:1"]);
        var listed = await pod.DoAsync("buildx", "ls");

        Assert.DoesNotContain("not supported", listed.Output + listed.Error, StringComparison.Ordinal);
    }

    private async Task<BuildingPod> OpenAsync()
    {
        var pod = await buildKit.OpenAsync("docker-registry", "unshare");
        pod.Name(Name, "other.test", "far.test");
        return pod;
    }
}
