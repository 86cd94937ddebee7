namespace RunnerScaler.Integration.Sidecar;

/// <summary>Today's container runtime with the images on it, started at the first use.</summary>
public sealed class SidecarFixture : IAsyncDisposable
{
    private static readonly string[] Programs =
        ["docker-registry", "setcap", "debootstrap", "ip", "nsenter", "unshare"];

    private CriNode? node;

    /// <summary>The runtime; the test is skipped when there can be none here.</summary>
    internal async Task<CriNode> OpenAsync()
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        var missing = Programs.Where(p => !path.Any(place => File.Exists(Path.Combine(place, p)))).ToList();
        var reason = CriNode.WhyNot() ?? SidecarImages.WhyNot()
            ?? (missing.Count == 0 ? null : $"this needs {string.Join(", ", missing)}, as CONTRIBUTING.md tells");
        Assert.SkipWhen(reason is not null, reason ?? "");
        return node ??= await StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (node is not null)
            await node.DisposeAsync();
    }

    private static async Task<CriNode> StartAsync(CancellationToken stop)
    {
        var folder = Directory.CreateTempSubdirectory("runnerscaler-").FullName;
        try
        {
            return await CriNode.StartAsync(await SidecarImages.MakeAsync(folder, stop), stop);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
