using System.Diagnostics;
using System.Text.Json.Nodes;

namespace RunnerScaler.Integration.Browser;

/// <summary>A real Chromium that looks at the status page, driven by <c>browse.mjs</c>.</summary>
internal static class Chromium
{
    private const string Folder = "tests/RunnerScaler.Integration/Browser";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Plays a scenario; the test is skipped, with the reason, where there is no browser.</summary>
    /// <param name="page">The page's address.</param>
    /// <param name="scenario">One of those in <c>browse.mjs</c>.</param>
    /// <param name="change">Does what the scenario asks for.</param>
    /// <param name="token">What the scenario is given besides.</param>
    /// <returns>What it saw.</returns>
    public static async Task<JsonObject> PlayAsync(
        Uri page, string scenario, Func<string, Task>? change = null, string token = "")
    {
        var program = Find("chromium");
        Assert.SkipWhen(program is null, "there is no chromium on PATH (Debian's package chromium)");
        var script = ScriptPath();
        Assert.SkipWhen(script is null, $"the browser's driver is not installed: run npm ci --prefix {Folder}");
        Assert.SkipWhen(Find("node") is null, "there is no node on PATH (Node 20)");
        using var node = Process.Start(new ProcessStartInfo("node", [script!, program!, $"{page}", scenario, token])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            var errors = node.StandardError.ReadToEndAsync(Stop);
            while (await node.StandardOutput.ReadLineAsync(Stop) is { } line)
            {
                var said = JsonNode.Parse(line)!;
                if (said["result"] is JsonObject result)
                {
                    Assert.Empty(result["complaints"]!.AsArray());
                    return result;
                }
                await change!((string)said["ask"]!);
                await node.StandardInput.WriteLineAsync("done");
            }
            Assert.Fail($"{scenario} has no result:\n{await errors}");
            return [];
        }
        finally
        {
            if (!node.HasExited)
                node.Kill(entireProcessTree: true);
        }
    }

    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static string? ScriptPath()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Combine(folder.FullName, Folder) is var here
                && Directory.Exists(Path.Combine(here, "node_modules")))
                return Path.Combine(here, "browse.mjs");
        return null;
    }
}
