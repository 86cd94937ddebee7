using System.Diagnostics;
using System.IO.Compression;
using System.Net.Http.Headers;
using RunnerScaler.RealCluster;

namespace RunnerScaler.Integration.Workflow;

/// <summary>
/// One repository over Git's smart protocol (https://git-scm.com/docs/http-protocol), to who brings a token.
/// </summary>
/// <param name="folder">The repository.</param>
/// <param name="name"><c>OWNER/NAME</c>.</param>
/// <param name="credentials">What every request must bring, for the scheme <c>Basic</c>.</param>
internal sealed class GitEndpoint(string folder, string name, string credentials)
{
    /// <summary>Makes a repository of these files.</summary>
    /// <returns>The commit.</returns>
    public async Task<string> CommitAsync()
    {
        string[] author = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
        await Command.RunAsync("git", "-C", folder, "init", "--quiet", "--initial-branch=main");
        await Command.RunAsync("git", "-C", folder, "add", "--all");
        await Command.RunAsync("git", ["-C", folder, .. author, "commit", "--quiet", "--message=first"]);
        return (await Command.RunAsync("git", "-C", folder, "rev-parse", "HEAD")).Trim();
    }

    public void Map(IEndpointRouteBuilder endpoints)
    {
        foreach (var path in (string[])[$"/{name}", $"/{name}.git"])
        {
            endpoints.MapGet($"{path}/info/refs", http =>
            {
                http.Response.ContentType = "application/x-git-upload-pack-advertisement";
                return AnswerAsync(http, "001e# service=git-upload-pack\n0000", "--advertise-refs");
            });
            endpoints.MapPost($"{path}/git-upload-pack", http =>
            {
                http.Response.ContentType = "application/x-git-upload-pack-result";
                return AnswerAsync(http, "");
            });
        }
    }

    private async Task AnswerAsync(HttpContext http, string first, params string[] flags)
    {
        if (!AuthenticationHeaderValue.TryParse(http.Request.Headers.Authorization, out var brought)
            || !brought.Scheme.Equals("basic", StringComparison.OrdinalIgnoreCase) || brought.Parameter != credentials)
        {
            http.Response.Headers.WWWAuthenticate = "Basic realm=\"GitHub\"";
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }
        var start = new ProcessStartInfo("git", ["upload-pack", "--stateless-rpc", .. flags, folder])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["GIT_PROTOCOL"] = http.Request.Headers["Git-Protocol"];
        using var git = Process.Start(start)!;
        await http.Response.WriteAsync(first, http.RequestAborted);
        await using var body = http.Request.Headers.ContentEncoding == "gzip"
            ? new GZipStream(http.Request.Body, CompressionMode.Decompress)
            : http.Request.Body;
        await body.CopyToAsync(git.StandardInput.BaseStream, http.RequestAborted);
        git.StandardInput.Close();
        await git.StandardOutput.BaseStream.CopyToAsync(http.Response.Body, http.RequestAborted);
        await git.WaitForExitAsync(http.RequestAborted);
    }
}
