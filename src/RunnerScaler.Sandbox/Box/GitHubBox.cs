using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Sandbox.GitHub.Credentials;
using RunnerScaler.Sandbox.GitHub.Rest;

namespace RunnerScaler.Sandbox.Box;

/// <summary>
/// A GitHub server with one organisation, on a free loopback port, and an app that is installed there.
/// </summary>
internal sealed class GitHubBox : IAsyncDisposable
{
    public const string Owner = "acme";

    private readonly WebApplication app;

    private GitHubBox(
        WebApplication app, Organization organization, RouteCounts counts, GitHubApp gitHubApp, string key)
    {
        this.app = app;
        Organization = organization;
        Counts = counts;
        App = gitHubApp;
        PrivateKeyPem = key;
    }

    public Organization Organization { get; }

    public RouteCounts Counts { get; }

    public GitHubApp App { get; }

    /// <summary>The app's id, and its private key in PEM form: what its owner would put in a Secret.</summary>
    public string AppId => $"{App.Id}";

    /// <inheritdoc cref="AppId"/>
    public string PrivateKeyPem { get; }

    /// <summary>The organisation's address, as a pool's <c>serves</c> names it.</summary>
    public string OrganizationUrl => $"{Site}/{Owner}";

    /// <summary>The address of the server.</summary>
    public string Site => app.Urls.Single().TrimEnd('/');

    /// <param name="tls">An address that is not loopback's, and a certificate for it: over TLS then.</param>
    public static async Task<GitHubBox> StartAsync(
        IEnumerable<string> repositories, TimeProvider time, Random random, RestFaults faults,
        OrganizationSettings? settings = null, (IPAddress Address, X509Certificate2 Certificate)? tls = null,
        RestLimits? limits = null)
    {
        var organization = new Organization(time, random, settings);
        organization.AddOrganization(Owner);
        foreach (var name in repositories)
            organization.AddRepository($"{Owner}/{name}");
        using var key = RSA.Create(2048);
        var gitHubApp = organization.Credentials.AddApp(Owner, "runnerscaler", key.ExportSubjectPublicKeyInfoPem());
        organization.Credentials.Install(gitHubApp, Owner);

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(tls?.Address ?? IPAddress.Loopback, 0, listen =>
        {
            if (tls is { } there)
                listen.UseHttps(there.Certificate);
        }));
        var app = builder.Build();
        var counts = app.MapGitHubApi(organization, time, faults, limits);
        await app.StartAsync();
        return new(app, organization, counts, gitHubApp, key.ExportRSAPrivateKeyPem());
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }
}
