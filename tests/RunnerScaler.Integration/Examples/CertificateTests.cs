using System.Diagnostics;

namespace RunnerScaler.Integration.Examples;

/// <summary>The script that makes a shared builder's certificates, run; openssl judges what it made.</summary>
public sealed class CertificateTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("runnerscaler-certificates-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task TheScriptMakesCertificatesThatBothSidesCanTrust()
    {
        var script = Path.Combine(Example.Root, "deploy/examples/shared-builder/certificates.sh");
        var made = await RunAsync("bash", script, "team-b", folder);
        Assert.True(made.Code == 0, made.Output);

        var (server, client) = (Path.Combine(folder, "server"), Path.Combine(folder, "client"));
        foreach (var side in new[] { server, client })
        {
            Assert.Equal(["ca.crt", "tls.crt", "tls.key"], Directory.GetFiles(side).Select(Path.GetFileName).Order());
            Assert.Equal("600", (await RunAsync("stat", "-c", "%a", Path.Combine(side, "tls.key"))).Output.Trim());
        }

        Assert.Equal(0, await VerifyAsync(server, "sslserver", "-verify_hostname", "buildkit-0.buildkit.team-b.svc"));
        Assert.Equal(0, await VerifyAsync(client, "sslclient"));
        Assert.NotEqual(0, await VerifyAsync(client, "sslserver"));
        Assert.NotEqual(0, await VerifyAsync(server, "sslclient"));
        Assert.NotEqual(0,
            await VerifyAsync(server, "sslserver", "-verify_hostname", "buildkit-0.buildkit.team-a.svc"));
    }

    private async Task<int> VerifyAsync(string side, string purpose, params string[] options)
    {
        string[] arguments = ["verify", "-CAfile", Path.Combine(folder, "ca.crt"), "-purpose", purpose, .. options];
        return (await RunAsync("openssl", [.. arguments, Path.Combine(side, "tls.crt")])).Code;
    }

    private static async Task<(int Code, string Output)> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var stop = TestContext.Current.CancellationToken;
        var output = process.StandardOutput.ReadToEndAsync(stop);
        var error = process.StandardError.ReadToEndAsync(stop);
        await process.WaitForExitAsync(stop);
        return (process.ExitCode, await output + await error);
    }
}
