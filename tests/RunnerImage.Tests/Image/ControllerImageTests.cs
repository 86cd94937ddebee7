using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace RunnerImage.Tests.Image;

/// <summary>The controller's image, built from <c>Dockerfile</c> and run as a restricted pod would.</summary>
[Collection<ImageGroup>]
[Trait("Category", "Image")]
public sealed class ControllerImageTests(ImageFixture images)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ItRunsWithoutRootOnFilesThatItCannotWrite()
    {
        ImageFixture.SkipIfImpossible();
        var port = FreePort();
        var start = Stopwatch.GetTimestamp();
        await using var container = await StartAsync(
            $"--Web:Port={port}", "--Web:ClaimsPort=0", "--Kubernetes:Kubeconfig=/run/kubeconfig",
            "--Kubernetes:ClaimsUrl=https://runnerscaler.runnerscaler.svc:8443/claims");
        await AnswersAsync(container, new Uri($"http://127.0.0.1:{port}/healthz"));
        TestContext.Current.TestOutputHelper?.WriteLine($"healthy after {Stopwatch.GetElapsedTime(start)}");

        Assert.Contains("1654\t1654\t1654\t1654", await container.StatusAsync("Uid"));
        Assert.Contains("0000000000000000", await container.StatusAsync("CapEff"));
        await container.SignalAsync("TERM");
        Assert.Equal(0, await container.EndsAsync());
        Assert.DoesNotContain("Unhandled", container.Output);
    }

    [Fact]
    public async Task ItReachesItsClusterWithTheAccountOfItsPod()
    {
        ImageFixture.SkipIfImpossible();
        await using var server = await ClaimStand.OpenAsync(grant: false);
        var account = Directory.CreateDirectory(Path.Combine(images.Folder, "account")).FullName;
        await File.WriteAllTextAsync(Path.Combine(account, "token"), "the-token", Stop);
        await File.WriteAllTextAsync(Path.Combine(account, "ca.crt"), server.Certificate, Stop);
        await File.WriteAllTextAsync(Path.Combine(account, "namespace"), "runnerscaler", Stop);
        var (container, root) = await images.Buildah.MountAsync(ImageFixture.Controller);
        var config = await images.Buildah.InspectAsync(ImageFixture.Controller);
        var address = new Uri(server.Url);
        await using var pod = Container.Start(
            Path.Combine(images.Folder, container),
            config with
            {
                Command =
                [
                    .. config.Command, "--Web:Port=0", "--Web:ClaimsPort=0",
                    "--Kubernetes:ClaimsUrl=https://runnerscaler.runnerscaler.svc:8443/claims",
                ],
            },
            root, readOnly: true,
            new Dictionary<string, string>
            {
                ["KUBERNETES_SERVICE_HOST"] = address.Host,
                ["KUBERNETES_SERVICE_PORT"] = $"{address.Port}",
            },
            ("/var/run/secrets/kubernetes.io/serviceaccount", account));

        for (var start = Stopwatch.GetTimestamp(); !server.Asked("Bearer the-token"); await Task.Delay(50, Stop))
            if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(90))
                Assert.Fail($"the cluster was never asked:\n{pod.Output}");
        await pod.SignalAsync("TERM");
        Assert.Equal(0, await pod.EndsAsync());
    }

    [Fact]
    public async Task AWrongOptionIsExplained()
    {
        ImageFixture.SkipIfImpossible();
        await using var container = await StartAsync("--Web:Port=99999999");

        Assert.Equal(2, await container.EndsAsync());
        Assert.Contains("Web:Port", container.Output);
        Assert.DoesNotContain("Unhandled", container.Output);
    }

    [Fact]
    public async Task ItSaysHowItIsStartedAndWhatItIs()
    {
        ImageFixture.SkipIfImpossible();
        var config = await images.Buildah.InspectAsync(ImageFixture.Controller);

        Assert.Equal("1654:1654", config.User);
        Assert.Equal(["/app/RunnerScaler"], config.Command);
        Assert.Contains("DOTNET_GCgen0size=400000", config.Environment);
        Assert.Equal("1.2.3", config.Labels["org.opencontainers.image.version"]);
        var added = await images.Buildah.SizeAsync(ImageFixture.Controller)
            - await images.Buildah.SizeAsync(images.ControllerBase);
        TestContext.Current.TestOutputHelper?.WriteLine($"the controller adds {added} bytes");
        Assert.InRange(added, 1_000_000, 45_000_000);
    }

    private async Task<Container> StartAsync(params string[] arguments)
    {
        var (container, root) = await images.Buildah.MountAsync(ImageFixture.Controller);
        var config = await images.Buildah.InspectAsync(ImageFixture.Controller);
        return Container.Start(Path.Combine(images.Folder, container),
            config with { Command = [.. config.Command, .. arguments] }, root, readOnly: true,
            new Dictionary<string, string>(), ("/run/kubeconfig", await KubeconfigAsync()));
    }

    /// <summary>A cluster that nobody answers for.</summary>
    private async Task<string> KubeconfigAsync()
    {
        var file = Path.Combine(images.Folder, "kubeconfig");
        await File.WriteAllTextAsync(file, """
            {"apiVersion": "v1", "kind": "Config", "current-context": "a",
             "clusters": [{"name": "a", "cluster": {"server": "http://127.0.0.1:1"}}],
             "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a", "namespace": "runners"}}],
             "users": [{"name": "a", "user": {"token": "none"}}]}
            """);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        return file;
    }

    private static async Task AnswersAsync(Container container, Uri address)
    {
        using var client = new HttpClient();
        for (var start = Stopwatch.GetTimestamp(); ; await Task.Delay(50))
            try
            {
                if ((await client.GetStringAsync(address)).Trim() == "ok")
                    return;
            }
            catch (HttpRequestException)
            {
                if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(90))
                    Assert.Fail($"{address} never answered:\n{container.Output}");
            }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
