using System.Net;
using System.Text;
using System.Text.Json.Serialization;
using RunnerScaler.RealCluster;
using RunnerScaler.Sandbox.Cluster;

namespace RunnerScaler.Integration.Workflow;

/// <summary>A real registry under the name of a public one: TLS of an authority of its own, and one user.</summary>
internal sealed class RegistryBox : IAsyncDisposable
{
    public const string Host = "ghcr.io";
    public const string User = "robot";
    public const string Password = "s3cret";

    /// <summary>The password's hash.</summary>
    private const string Hash = "$2b$05$abcdefghijklmnopqrstuuLK7U1u6pVRmL7L1BBM2aS35PSZnDXlK";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly SelfMadeCertificates certificates;
    private readonly ChildProgram program;
    private readonly HttpClient client;

    private RegistryBox(string folder, IPAddress address)
    {
        certificates = SelfMadeCertificates.Create(TimeProvider.System.GetUtcNow(), Host, $"{address}");
        string In(string name) => Path.Combine(folder, name);
        File.WriteAllText(In("server.crt"), certificates.ServerPem);
        File.WriteAllText(In("server.key"), certificates.ServerKeyPem);
        File.WriteAllText(In("ca.crt"), certificates.AuthorityPem);
        File.WriteAllText(In("users"), $"{User}:{Hash}\n");
        File.WriteAllText(In("config.yml"), $$"""
            version: 0.1
            log: {level: warn}
            storage: {filesystem: {rootdirectory: {{In("data")}} } }
            http:
              addr: {{address}}:443
              tls: {certificate: {{In("server.crt")}}, key: {{In("server.key")}} }
            auth: {htpasswd: {realm: test, path: {{In("users")}} } }
            """);
        program = ChildProgram.Start("docker-registry", "serve", In("config.yml"));
        var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true };
        client = new HttpClient(handler) { BaseAddress = new Uri($"https://{address}") };
        client.DefaultRequestHeaders.Authorization = new("Basic", Credentials);
    }

    public static string Credentials => Convert.ToBase64String(Encoding.ASCII.GetBytes($"{User}:{Password}"));

    /// <summary>The same as a file of Docker's configuration.</summary>
    public static string DockerConfig => $$"""{"auths":{"{{Host}}":{"auth":"{{Credentials}}"} } }""";

    public string AuthorityPem => certificates.AuthorityPem;

    public static async Task<RegistryBox> StartAsync(string folder, IPAddress address)
    {
        var registry = new RegistryBox(Directory.CreateDirectory(folder).FullName, address);
        var start = TimeProvider.System.GetTimestamp();
        while (!await registry.AnswersAsync())
        {
            if (registry.program.HasExited || TimeProvider.System.GetElapsedTime(start) > Patience)
                throw new InvalidOperationException($"the registry does not answer:\n{registry.program.LastOutput}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
        return registry;
    }

    /// <summary>Tells a node's container runtime where it is and what to trust.</summary>
    public void Announce(string registries, IPAddress address)
    {
        var folder = Directory.CreateDirectory(Path.Combine(registries, Host)).FullName;
        var authority = Path.Combine(folder, "ca.crt");
        File.WriteAllText(authority, AuthorityPem);
        File.WriteAllText(Path.Combine(folder, "hosts.toml"), $"""
            server = "https://{Host}"
            [host."https://{address}"]
              capabilities = ["pull", "resolve"]
              ca = "{authority}"
            """);
    }

    public async Task<IReadOnlyList<string>> TagsAsync(string repository)
    {
        var list = await client.GetFromJsonAsync<Tags>(
            new Uri($"/v2/{repository}/tags/list", UriKind.Relative), TestContext.Current.CancellationToken);
        return list!.Names;
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await program.DisposeAsync();
        certificates.Dispose();
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var answer = await client.GetAsync(new Uri("/v2/", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private sealed record Tags([property: JsonPropertyName("tags")] string[] Names);
}
