using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace RunnerImage.Tests.Images;

/// <summary>A real registry on this machine, at a port of the kernel's choice; it may ask for a password.</summary>
internal sealed class Registry : IDisposable
{
    public const string User = "robot";
    public const string Password = "s3cret";

    /// <summary>The password's hash.</summary>
    private const string Hash = "$2b$05$abcdefghijklmnopqrstuuLK7U1u6pVRmL7L1BBM2aS35PSZnDXlK";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder folder = new();
    private readonly HttpClient client;
    private readonly Process program;
    private readonly string scheme;

    private Registry(bool asksForPassword, X509Certificate2? certificate)
    {
        client = new(new SocketsHttpHandler
        {
            SslOptions =
            {
                RemoteCertificateValidationCallback = (_, shown, _, _) =>
                    shown?.GetCertHashString() == certificate?.GetCertHashString(),
            },
        });
        scheme = certificate is null ? "http" : "https";
        var tls = certificate is null
            ? ""
            : $", tls: {{ certificate: {folder["tls.crt"]}, key: {folder["tls.key"]} }}";
        if (certificate is not null)
        {
            File.WriteAllText(folder["tls.crt"], certificate.ExportCertificatePem());
            File.WriteAllText(folder["tls.key"], certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        }

        File.WriteAllText(folder["users"], $"{User}:{Hash}\n");
        var users = asksForPassword
            ? $$"""auth: { htpasswd: { realm: test, path: {{folder["users"]}} } }"""
            : "";
        File.WriteAllText(folder["config.yml"], $$"""
            version: 0.1
            log: { accesslog: { disabled: false } }
            storage: { filesystem: { rootdirectory: {{folder["data"]}} } }
            http: { addr: "127.0.0.1:0"{{tls}} }
            {{users}}

            """);
        program = Process.Start("/bin/sh",
            ["-c", "exec docker-registry serve \"$0\" >\"$1\" 2>&1", folder["config.yml"], folder["log"]]);
    }

    /// <summary>Host and port.</summary>
    public string Host { get; private set; } = "";

    /// <summary>The same under another name of this machine.</summary>
    public string HostAs(string name) => $"{name}:{Host.Split(':')[1]}";

    /// <summary>What docker's configuration says of it after a login.</summary>
    public static string Credentials => Convert.ToBase64String(Encoding.ASCII.GetBytes($"{User}:{Password}"));

    public static async Task<Registry> StartAsync(
        bool asksForPassword = false, X509Certificate2? certificate = null)
    {
        var registry = new Registry(asksForPassword, certificate);
        var began = TimeProvider.System.GetTimestamp();
        while (!registry.Listens())
        {
            if (registry.program.HasExited || TimeProvider.System.GetElapsedTime(began) > Patience)
                throw new InvalidOperationException($"the registry does not answer:\n{registry.Log()}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        if (asksForPassword)
            registry.client.DefaultRequestHeaders.Authorization = new("Basic", Credentials);
        return registry;
    }

    public string Log() => File.Exists(folder["log"]) ? File.ReadAllText(folder["log"]) : "";

    /// <summary>How many blobs have been sent to it.</summary>
    public int Uploads() => Log().Split('\n')
        .Count(l => l.Contains("\"PUT /v2/", StringComparison.Ordinal)
            && l.Contains("/blobs/uploads/", StringComparison.Ordinal));

    /// <summary>How often a blob has been read from it.</summary>
    public int Reads(string digest) => Log().Split('\n')
        .Count(l => l.Contains("\"GET /v2/", StringComparison.Ordinal)
            && l.Contains($"/blobs/{digest} ", StringComparison.Ordinal));

    /// <summary>The digest that it has under a name; null if it has none.</summary>
    public async Task<string?> DigestAsync(string repository, string tag)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Head, $"{scheme}://{Host}/v2/{repository}/manifests/{tag}");
        request.Headers.TryAddWithoutValidation("Accept", "application/vnd.oci.image.index.v1+json");
        request.Headers.TryAddWithoutValidation("Accept", "application/vnd.oci.image.manifest.v1+json");
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode == HttpStatusCode.NotFound
            ? null
            : answer.EnsureSuccessStatusCode().Headers.GetValues("Docker-Content-Digest").Single();
    }

    public void Dispose()
    {
        if (!program.HasExited)
            program.Kill();
        program.WaitForExit();
        program.Dispose();
        client.Dispose();
        folder.Dispose();
    }

    /// <summary>It says where it listens, and then it does.</summary>
    private bool Listens()
    {
        const string Said = "listening on 127.0.0.1:";
        var log = Log();
        var at = log.IndexOf(Said, StringComparison.Ordinal);
        if (at < 0)
            return false;
        var port = new string([.. log[(at + Said.Length)..].TakeWhile(char.IsAsciiDigit)]);
        Host = $"127.0.0.1:{port}";
        using var socket = new TcpClient();
        socket.Connect(IPAddress.Loopback, int.Parse(port, CultureInfo.InvariantCulture));
        return true;
    }
}
