using System.Diagnostics;
using System.Text.Json;

namespace RunnerImage.Tests.Image;

/// <summary>A container of the runner's image, with what a controller gives to its pod.</summary>
internal sealed class RunnerPod : IAsyncDisposable
{
    private readonly string message;
    private readonly string root;

    private RunnerPod(ClaimStand stand, Container container, string message, string root) =>
        (Stand, Container, this.message, this.root) = (stand, container, message, root);

    public ClaimStand Stand { get; }

    public Container Container { get; }

    public static async Task<RunnerPod> StartAsync(
        ImageFixture images, bool grant, string token, params (string Name, string Value)[] variables)
    {
        var stand = await ClaimStand.OpenAsync(grant);
        var (container, root) = await images.Buildah.MountAsync(ImageFixture.Runner);
        var folder = Path.Combine(images.Folder, container);
        Directory.CreateDirectory(folder);
        var (message, tokenFile) = (Path.Combine(folder, "message"), Path.Combine(folder, "token"));
        await File.WriteAllTextAsync(message, "");
        File.SetUnixFileMode(message, (UnixFileMode)0b110_110_110);
        await File.WriteAllTextAsync(tokenFile, token);
        var environment = new Dictionary<string, string>
        {
            ["HOME"] = "/home/runner",
            ["RUNNERSCALER_CLAIM_URL"] = stand.Url,
            ["RUNNERSCALER_CLAIM_CA"] = stand.Certificate,
            ["RUNNERSCALER_TOKEN_FILE"] = "/run/token",
        };
        foreach (var (name, value) in variables)
            environment[name] = value;
        var config = await images.Buildah.InspectAsync(ImageFixture.Runner);
        return new RunnerPod(stand, Container.Start(folder, config, root, readOnly: false, environment,
            ("/dev/termination-log", message), ("/run/token", tokenFile)), message, root);
    }

    /// <summary>Lets the stand-in's job be over.</summary>
    public Task EndJobAsync() => File.WriteAllTextAsync(root + "/tmp/job-over", "");

    /// <summary>Waits for the first claim.</summary>
    public async Task ClaimsAsync()
    {
        for (var clock = Stopwatch.StartNew(); Stand.Tokens.Count == 0; await Task.Delay(20))
            if (clock.Elapsed > TimeSpan.FromSeconds(60))
                Assert.Fail($"no claim came:\n{Container.Output}");
    }

    /// <summary>The termination message.</summary>
    public JsonElement Message()
    {
        var text = File.ReadAllText(message);
        Assert.InRange(text.Length, 2, 4096);
        Assert.Single(text.TrimEnd('\n').Split('\n'));
        return JsonElement.Parse(text);
    }

    public async ValueTask DisposeAsync()
    {
        await Container.DisposeAsync();
        await Stand.DisposeAsync();
    }
}
