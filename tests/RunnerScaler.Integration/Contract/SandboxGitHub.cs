using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Sandbox.GitHub.Credentials;
using RunnerScaler.Sandbox.GitHub.Rest;

namespace RunnerScaler.Integration.Contract;

/// <summary>Who asks.</summary>
public enum Asker
{
    Installation,
    App,
    User,
    Nobody,
}

/// <summary>
/// The sandbox's GitHub on a loopback port, with something of everything in it: jobs in all states, runs that were
/// cancelled and run again, runners that are busy, idle and offline, groups, an organisation and a user.
/// </summary>
public sealed class SandboxGitHub : IAsyncLifetime
{
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 9, 1, 8, 0, 0, TimeSpan.Zero));
    private readonly RSA key = RSA.Create(2048);
    private readonly Dictionary<string, string> names = [];
    private readonly HttpClient client = new();
    private readonly Organization organization;
    private readonly WebApplication web;
    private readonly GitHubApp app;
    private readonly Installation installation;
    private readonly string personal;

    public SandboxGitHub()
    {
        organization = new Organization(clock, new Random(1));
        organization.AddOrganization("acme");
        organization.AddUser("alice");
        organization.AddRepository("acme/app");
        organization.AddRepository("acme/open", isPrivate: false);
        organization.AddRepository("alice/notes", isPrivate: false);
        organization.AddRunnerGroup("acme", "some", GroupVisibility.Selected, selected: "acme/app");
        app = organization.Credentials.AddApp("acme", "scaler", key.ExportRSAPublicKeyPem());
        var all = Permission.ForOrganizationRunners.Concat(Permission.ForRepositoryRunners)
            .GroupBy(p => p.Key).ToDictionary(p => p.Key, _ => Permission.Write);
        installation = organization.Credentials.Install(app, "acme", all);
        organization.Credentials.Install(app, "alice", Permission.ForRepositoryRunners);
        personal = organization.Credentials.AddPersonalToken("alice", ["repo", "admin:org"], "acme");
        organization.OpenHook(new WebhookFaults(), new Random(2));
        FillQueue();
        FillRunners();
        web = Build();
    }

    public async ValueTask InitializeAsync()
    {
        await web.StartAsync();
        client.BaseAddress = new Uri(web.Urls.Single());
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        key.Dispose();
        await web.DisposeAsync();
    }

    internal TimeProvider Clock => clock;

    /// <summary>As <c>scheme://host:port</c>.</summary>
    internal string Server => client.BaseAddress!.GetLeftPart(UriPartial.Authority);

    /// <summary>What a pool's Secret would hold to come as this one.</summary>
    internal IReadOnlyDictionary<string, string> SecretOf(Asker asker) => asker switch
    {
        Asker.App => new Dictionary<string, string>
        {
            ["app_id"] = $"{app.Id}",
            ["private_key"] = key.ExportRSAPrivateKeyPem(),
        },
        Asker.User => new Dictionary<string, string> { ["token"] = personal },
        _ => throw new ArgumentOutOfRangeException(nameof(asker), asker, "has no Secret"),
    };

    /// <summary>Asks for a path of GitHub's; <c>{run}</c>, <c>{job}</c>, … stand for ids in the box.</summary>
    internal async Task<(SentRequest Request, int Status, string Body)> AskAsync(
        Asker asker, string method, string pathAndQuery, string? body)
    {
        pathAndQuery = WithIds(pathAndQuery);
        body = body is null ? null : WithIds(body);
        using var request = new HttpRequestMessage(new HttpMethod(method), RestApi.Root + pathAndQuery);
        request.Headers.Authorization = Credential(asker);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return (SentRequest.Of(method, pathAndQuery, body), (int)response.StatusCode, text);
    }

    private string WithIds(string text) =>
        names.Aggregate(text, (t, n) => t.Replace($"{{{n.Key}}}", n.Value, StringComparison.Ordinal));

    private void FillQueue()
    {
        var work = organization.QueueRun("acme/app", new WorkflowSpec("ci",
            new JobSpec("running"),
            new JobSpec("matrix") { Matrix = ["1", "2"] },
            new JobSpec("gated") { InitialStatus = JobStatus.Waiting },
            new JobSpec("pending") { InitialStatus = JobStatus.Pending },
            new JobSpec("skipped") { InitialStatus = JobStatus.Completed },
            new JobSpec("grouped") { RunsOn = [], Group = "some" }));
        var cancelled = organization.QueueRun("acme/app", new WorkflowSpec("ci", new JobSpec("late")));
        organization.CancelRun(cancelled.Id);
        organization.RerunRun(cancelled.Id);
        organization.CancelRun(cancelled.Id);
        names["run"] = $"{work.Id}";
        names["rerun"] = $"{cancelled.Id}";
        names["zombie"] = $"{organization.AddZombieRun("acme/app").Id}";
        names["job"] = $"{organization.JobsOf(work.Id)[0].Id}";
        organization.QueueRun("alice/notes", new WorkflowSpec("ci", new JobSpec("build")));
        organization.AddGhostJob("acme/app", "self-hosted");
    }

    private void FillRunners()
    {
        var groups = organization.RunnerGroupsOf("acme");
        names["group"] = $"{groups[0].Id}";
        names["installation"] = $"{installation.Id}";
        var busy = organization.CreateJitConfig("acme", new JitRequest("busy", groups[0].Id, ["self-hosted"]));
        var session = organization.Connect(busy.EncodedJitConfig)!;
        clock.Advance(TimeSpan.FromSeconds(3));
        Assert.NotNull(organization.TryTake(session));
        var idle = organization.CreateJitConfig("acme", new JitRequest("idle", groups[0].Id, ["other"]));
        organization.Connect(idle.EncodedJitConfig);
        var offline = organization.CreateJitConfig("acme", new JitRequest("offline", groups[1].Id, ["Linux", "x"]));
        var single = organization.CreateJitConfig("acme/app", new JitRequest("single", 1, ["self-hosted"]));
        names["busy"] = $"{busy.Runner.Id}";
        names["idle"] = $"{idle.Runner.Id}";
        names["offline"] = $"{offline.Runner.Id}";
        names["single"] = $"{single.Runner.Id}";
        clock.Advance(TimeSpan.FromSeconds(3));
    }

    private WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var built = builder.Build();
        built.MapGitHubApi(organization, clock, new RestFaults(new Random(1)));
        return built;
    }

    private AuthenticationHeaderValue? Credential(Asker asker) => asker switch
    {
        Asker.Installation => new("Bearer", organization.Credentials.CreateToken(installation).Token),
        Asker.User => new("Bearer", personal),
        Asker.App => new("Bearer", SignAsApp()),
        _ => null,
    };

    private string SignAsApp()
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var content = Encode("""{"alg":"RS256","typ":"JWT"}""")
            + "." + Encode($$"""{"iat":{{now}},"exp":{{now + 300}},"iss":"{{app.ClientId}}"}""");
        var signature = key.SignData(
            Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{content}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
