namespace RunnerImage.Tests.Image;

/// <summary>The tests that share the images.</summary>
[CollectionDefinition]
public sealed class ImageGroup : ICollectionFixture<ImageFixture>;

/// <summary>Both images, built once for all tests of them, on stand-ins for the base images.</summary>
public sealed class ImageFixture : IAsyncLifetime
{
    internal const string Runner = "localhost/runner";
    internal const string Controller = "localhost/controller";

    public ImageFixture() => Buildah = new Buildah(Folder);

    internal string Folder { get; } = Path.Combine(Path.GetTempPath(), $"runnerscaler-images-{Guid.NewGuid():N}");

    internal Buildah Buildah { get; }

    internal string RunnerBase { get; private set; } = "";

    internal string ControllerBase { get; private set; } = "";

    /// <summary>The build arguments by which stand-ins take the place of registries and the web.</summary>
    internal string[] RunnerArguments { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        if (Buildah.Missing is not null)
            return;
        await PublishAsync("RunnerImage");
        await PublishAsync("RunnerScaler");
        var tini = Tool.Find("tini-static")!;
        var kubectl = Path.Combine(Folder, "kubectl");
        Directory.CreateDirectory(Folder);
        await File.WriteAllTextAsync(kubectl, "#!/bin/sh\necho \"kubectl: $*\"\n");
        RunnerBase = await Buildah.StandInAsync("runner", "runner",
            ("/stand-in/web/tini-static-amd64", tini), ("/stand-in/web/kubectl", kubectl),
            ("/stand-in/web/1111111111111111111111111111111111111111", kubectl));
        var sdk = await Buildah.StandInAsync("sdk", "program-sdk",
            ("/stand-in/out/runnerscaler-pod", Published("RunnerImage/release_linux-x64/runnerscaler-pod")));
        RunnerArguments =
        [
            $"RUNNER_IMAGE={RunnerBase}", $"SDK_IMAGE={sdk}", $"TINI_SHA256_AMD64={await SumAsync(tini)}",
            $"KUBECTL_SHA256_AMD64={await SumAsync(kubectl)}",
            "ACTIONS=actions/checkout@1111111111111111111111111111111111111111", "VERSION=1.2.3",
        ];
        await Buildah.BuildAsync(Runner, "Dockerfile.runner", RunnerArguments);
        ControllerBase = await Buildah.StandInAsync("runtime", "runtime");
        var controllerSdk = await Buildah.StandInAsync("sdk", "controller-sdk",
            ("/stand-in/out/RunnerScaler", Published("RunnerScaler/release_linux-x64/RunnerScaler")));
        await Buildah.BuildAsync(Controller, "Dockerfile",
            $"SDK_IMAGE={controllerSdk}", $"RUNTIME_IMAGE={ControllerBase}", "VERSION=1.2.3");
    }

    /// <summary>Skips the test, with the reason, where images cannot be built and run.</summary>
    internal static void SkipIfImpossible()
    {
        if (Buildah.Missing is { } reason)
            Assert.Skip(reason);
    }

    public ValueTask DisposeAsync() => Buildah.DisposeAsync();

    private static Task<string> PublishAsync(string project) => Tool.RunAsync(
        "dotnet", "publish", Source.Path($"src/{project}"), "-c", "Release", "-r", "linux-x64", "-nodeReuse:false");

    private static string Published(string file) => Source.Path($"artifacts/publish/{file}");

    private static async Task<string> SumAsync(string file) =>
        (await Tool.RunAsync("sha256sum", file)).Split(' ')[0];
}
