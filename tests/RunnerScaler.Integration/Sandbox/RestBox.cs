using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Sandbox.GitHub.Credentials;
using RunnerScaler.Sandbox.GitHub.Rest;

namespace RunnerScaler.Integration.Sandbox;

/// <summary>An organisation <c>acme</c> behind REST on a free loopback port, with a clock that stands still.</summary>
internal sealed class RestBox : IAsyncDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 9, 1, 8, 0, 0, TimeSpan.Zero);

    private readonly WebApplication _app;
    private readonly RSA _key = RSA.Create(2048);
    private HttpClient? _http;

    private RestBox(RestLimits? limits, OrganizationSettings? settings)
    {
        Organization = new Organization(Clock, new Random(1), settings);
        Organization.AddOrganization("acme");
        Organization.AddUser("alice");
        Organization.AddRepository("acme/app");
        Organization.AddRepository("acme/lib");
        Organization.AddRepository("acme/site", isPrivate: false);
        App = Organization.Credentials.AddApp("acme", "scaler", _key.ExportSubjectPublicKeyInfoPem());
        Installation = Organization.Credentials.Install(App, "acme");

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        Counts = _app.MapGitHubApi(Organization, Clock, Faults, limits);
        _app.MapFaultEndpoint(Faults);
    }

    public FakeTimeProvider Clock { get; } = new(Start);

    public RestFaults Faults { get; } = new(new Random(1));

    public Organization Organization { get; }

    public RouteCounts Counts { get; }

    public GitHubApp App { get; }

    public Installation Installation { get; }

    public static async Task<RestBox> StartAsync(RestLimits? limits = null, OrganizationSettings? settings = null)
    {
        var box = new RestBox(limits, settings);
        await box._app.StartAsync(Cancel);
        box._http = new HttpClient { BaseAddress = new Uri($"{box._app.Urls.Single()}{RestApi.Root}/") };
        return box;
    }

    /// <summary>The address of the server.</summary>
    public string Site => _app.Urls.Single();

    /// <summary>A token of the installation, minted in the organisation itself.</summary>
    public string Token(params (string Name, string Level)[] permissions) => Organization.Credentials.CreateToken(
        Installation,
        permissions.Length == 0
            ? null
            : new TokenRequest(permissions.ToDictionary(each => each.Name, each => each.Level))).Token;

    public string Jwt()
    {
        var header = Encode("""{"alg":"RS256","typ":"JWT"}""");
        var now = Clock.GetUtcNow().ToUnixTimeSeconds();
        var payload = Encode($$"""{"iat":{{now - 60}},"exp":{{now + 540}},"iss":"{{App.ClientId}}"}""");
        var signature = _key.SignData(
            Encoding.ASCII.GetBytes($"{header}.{payload}"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{header}.{payload}.{Base64Url.EncodeToString(signature)}";
    }

    public Task<HttpResponseMessage> GetAsync(
        string path, string? token, string? etag = null, string? version = null) =>
        SendAsync(HttpMethod.Get, path, token, etag: etag, version: version);

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? token, object? body = null, string? etag = null, string? version = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Accept", "application/vnd.github+json");
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (etag is not null) request.Headers.TryAddWithoutValidation("If-None-Match", etag);
        if (version is not null) request.Headers.Add("X-GitHub-Api-Version", version);
        if (body is not null) request.Content = JsonContent.Create(body);
        return await _http!.SendAsync(request, Cancel);
    }

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage response) =>
        await response.Content.ReadFromJsonAsync<JsonElement>(Cancel);

    public async Task<JsonElement> JsonAsync(string path, string? token) =>
        await JsonAsync(await GetAsync(path, token));

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        await _app.DisposeAsync();
        _key.Dispose();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
