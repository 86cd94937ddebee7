using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Box;
using RunnerScaler.Sandbox.Cluster.Api;
using RunnerScaler.Sandbox.Cluster.Nodes;
using RunnerScaler.Sandbox.GitHub.Credentials;
using RunnerScaler.Sandbox.GitHub.Rest;

namespace RunnerScaler.Integration.Whole;

/// <summary><c>runnerscaler doctor</c> with a whole controller, well and with each fault.</summary>
public sealed class DoctorTests
{
    private const string Secret = $"/api/v1/namespaces/{ClusterBox.Namespace}/secrets/github-app";
    private const string Pool = "pool ci/linux: ";

    private readonly DoctorRun doctor = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    [Finds("controller")]
    public async Task BeforeAndAfterTheInstallItSaysWhatIsThere()
    {
        await using var box = await ControllerBox.OpenAsync();
        var (code, output) = await DoctorRun.RunAsync(box);
        Assert.Equal(2, code);
        Assert.StartsWith("ok        cluster: The API server is Kubernetes 1.36.\nok        definition: ", output,
            StringComparison.Ordinal);
        await doctor.FoundAsync(box, 2, "failure   controller: No controller was found in the cluster", "");

        await box.StartReadyAsync();
        await box.ServeAtServiceAsync("runnerscaler", box.Web);
        await box.HoldsAsync("all is well", () => DoctorRun.Run(box).Code == 0);
        (_, output) = await DoctorRun.RunAsync(box);
        Assert.All(output.Split('\n'), line => Assert.StartsWith("ok        ", line, StringComparison.Ordinal));
        foreach (var check in (string[])
            ["cluster", "definition", "controller", "nodes", "rights", "claims", "pod", "clock", "budget"])
            Assert.Contains($"ok        {check}: ", output, StringComparison.Ordinal);

        (code, output) = await DoctorRun.RunAsync(box, "--json");
        Assert.Equal((0, "Ok"), (code, (string?)JsonNode.Parse(output)!["level"]));
        box.Access.TakeAway(new LostRight("list", "runnerpools") { User = "jane" });
        await box.HoldsAsync("who may not list all pools is told of those alone that he may get", () =>
            DoctorRun.Run(box).Output is var told && !told.Contains("rights", StringComparison.Ordinal)
            && told.Contains($"ok        pools: {Pool}", StringComparison.Ordinal));
        doctor.AssertDone();
    }

    [Fact]
    [Finds("credentials", "permissions", "scopes")]
    public async Task OfTheCredentialAndThePlacesItSaysWhatIsWrong()
    {
        await using var box = await DoctorRun.ReadyAsync();
        await KeyAsync(box, box.GitHub.AppId, "no key at all");
        await doctor.FoundAsync(box, 2, $"failure   credentials: {Pool}", "→ Put a valid credential into the Secret");
        await KeyAsync(box, box.GitHub.AppId, box.GitHub.PrivateKeyPem);

        var credentials = box.Organization.Credentials;
        var installation = credentials.InstallationsOf(box.GitHub.App).Single();
        credentials.Suspend(installation);
        await doctor.FoundAsync(box, 2, $"failure   credentials: {Pool}", "suspended");
        credentials.Suspend(installation, suspended: false);
        await doctor.FoundAsync(box, 0, $"ok        pools: {Pool}", "");

        credentials.Uninstall(installation);
        credentials.Install(installation.App, GitHubBox.Owner, new Dictionary<string, string>
        {
            [Permission.Metadata] = Permission.Write,
            [Permission.OrganizationRunners] = Permission.Write,
        });
        await doctor.FoundAsync(box, 2, $"failure   permissions: {Pool}", "'Actions: read'");
        credentials.Uninstall(credentials.InstallationsOf(box.GitHub.App).Single());
        await doctor.FoundAsync(box, 2, $"failure   scopes: {Pool}", "is not installed at 'acme'");
        doctor.AssertDone();
    }

    [Fact]
    [Finds("labels", "labels of a day", "registration", "runner groups", "GitHub")]
    public async Task OfGroupsLabelsAndRegistrationItSaysWhatIsWrong()
    {
        await using var box = await DoctorRun.ReadyAsync();
        var run = box.Queue(labels: ["self-hosted", "linux-arm64"]);
        await doctor.FoundAsync(box, 1, $"warning   labels: {Pool}", "linux-arm64");
        Assert.Equal(0, DoctorRun.Run(box, "--warnings-pass").Code);
        await doctor.FoundAsync(box, 1, $"warning   labels of a day: {Pool}", "which no pool has");
        box.Organization.CancelRun(run.Id);
        await doctor.FoundAsync(box, 0, $"ok        labels of a day: {Pool}", "which no pool has");

        box.Faults.Plan = new() { Standing = [new("/generate-jitconfig", RestFault.Invalid)] };
        box.Queue();
        await doctor.FoundAsync(box, 2, $"failure   registration: {Pool}", "→ Do what GitHub's words say.");
        await ServeAsync(box, box.GitHub.OrganizationUrl, "nightly");
        await doctor.FoundAsync(box, 2, $"failure   runner groups: {Pool}", "nightly");
        box.Faults.Plan = FaultPlan.None;
        await ServeAsync(box, "http://127.0.0.1:1/acme", null);
        await doctor.FoundAsync(
            box, 2, "failure   GitHub: http://127.0.0.1:1: It cannot be reached", "→ Open the way");
        doctor.AssertDone();
    }

    [Fact]
    [Finds("clock", "rights", "budget")]
    public async Task OfTheClockTheClusterAndTheBudgetItSaysWhatIsWrong()
    {
        var clock = new AheadTime();
        await using var box = await DoctorRun.ReadyAsync(new BoxShape { Time = clock });
        clock.Ahead = TimeSpan.FromSeconds(40);
        await doctor.FoundAsync(box, 1, "warning   clock: ", "s ahead of GitHub's");
        clock.Ahead = TimeSpan.FromSeconds(100);
        await doctor.FoundAsync(box, 2, "failure   clock: ", "→ Set the clock of the controller's node.");
        clock.Ahead = TimeSpan.Zero;

        var lost = new LostRight("create", "events");
        box.Access.TakeAway(lost);
        await doctor.FoundAsync(box, 1, "warning   rights: ", "the verb 'create' on 'events'");
        box.Access.GiveBack(lost);
        box.Faults.Plan = new()
        {
            Standing = [new("/actions/runs?", RestFault.Throttled)],
            RetryAfter = TimeSpan.FromSeconds(15),
        };
        await doctor.FoundAsync(box, 2, $"failure   budget: {Pool}", "→ Wait; ");
        doctor.AssertDone();
    }

    [Fact]
    [Finds("budget")]
    public async Task OfTheBudgetItSaysWhetherItIsEnoughForTheRepositories()
    {
        await using var box = await DoctorRun.ReadyAsync(new BoxShape
        {
            Limits = new() { CorePerHour = 300 },
            Options = new() { ["GitHub:ReadShare"] = "0.1" },
        });
        const string app = "budget: the App of Secret ci/github-app at 'acme': ";
        await doctor.FoundAsync(
            box, 0, $"ok        {app}Reading its 2 repositories, quiet ones every ", "of 15 that reading");
        for (var i = 0; i < 6; i++)
            box.Queue();
        await doctor.FoundAsync(box, 1, $"warning   {app}Reading its 2 repositories", "→ Serve fewer repositories");
        for (var i = 0; i < 20; i++)
            box.Organization.AddRepository($"{GitHubBox.Owner}/more-{i}");
        await doctor.FoundAsync(
            box, 2, $"failure   {app}One reading of its 22 repositories takes", "not all can be read");
        doctor.AssertDone();
    }

    [Fact]
    [Finds("runner version")]
    public async Task OfTheRunnersVersionItSaysUntilWhenGitHubTakesIt()
    {
        await using var box = await DoctorRun.ReadyAsync(
            new BoxShape { Options = new() { ["Control:SweepPeriod"] = "30s" } });
        const string of = "runner version: acme: GitHub ";
        await doctor.FoundAsync(box, 0, "ok        runner version: No registered runner has been looked at yet.", "");
        box.Organization.VersionEnd = null;
        box.Queue(seconds: 45);
        await doctor.FoundAsync(box, 0, $"ok        {of}does not tell until when it takes runners of 2.336.0.", "");
        box.Organization.VersionEnd = (null, DateTimeOffset.UtcNow.AddDays(-1));
        await doctor.FoundAsync(
            box, 2, $"failure   {of}gives jobs to no runners of 2.336.0 since ", "→ Make the runner's image");
        doctor.AssertDone();
    }

    [Fact]
    [Finds("pod")]
    public async Task OfThePodItSaysThatItWouldBeRefusedAndThatChangesNothing()
    {
        await using var box = await DoctorRun.ReadyAsync();
        await doctor.FoundAsync(box, 0, $"ok        pod: {Pool}The API server takes its pods.", "");
        var pods = new Webhook("policy.io", r => r is { Verb: "create", Type.Plural: "pods", Subresource: "" });
        var quota = pods with
        {
            BuiltIn = new(403, "Forbidden", "pods \"x\" is forbidden: exceeded quota: team, used: pods=4"),
        };
        box.Access.Add(quota);
        await doctor.FoundAsync(box, 1, $"warning   pod: {Pool}A further pod would be refused", "exceeded quota: team");
        Assert.Contains("ok        rights: ", DoctorRun.Run(box).Output, StringComparison.Ordinal);
        box.Access.Remove(quota);

        var policy = pods with { Says = "no pods of strangers" };
        box.Access.Add(policy);
        await doctor.FoundAsync(box, 2, $"failure   pod: {Pool}Its pods would be refused", "no pods of strangers");
        box.Access.Remove(policy);
        await doctor.FoundAsync(box, 0, $"ok        pod: {Pool}The API server takes its pods.", "");
        doctor.AssertDone();
    }

    [Fact]
    [Finds("claims")]
    public async Task OfTheClaimsPortItSaysThatPodsDoNotReachIt()
    {
        await using var box = await DoctorRun.ReadyAsync(new BoxShape
        {
            Options = new() { ["Kubernetes:ClaimsUrl"] = "https://127.0.0.1:1/claims" },
        });
        await doctor.FoundAsync(box, 2, "failure   claims: The claims' port does not answer at 127.0.0.1:1",
            "network policies");
        doctor.AssertDone();
    }

    private static Task ServeAsync(ControllerBox box, string url, string? group)
    {
        var place = new JsonObject { ["url"] = url };
        if (group is not null)
            place["runnerGroup"] = group;
        return box.EditAsync(new JsonObject { ["github"] = new JsonObject { ["serves"] = new JsonArray(place) } });
    }

    private static Task<JsonObject> KeyAsync(ControllerBox box, string appId, string key) => box.Http.PatchAsync(
        Secret, new JsonObject { ["stringData"] = new JsonObject { ["app_id"] = appId, ["private_key"] = key } },
        KubeHttp.MergePatchType, Stop);
}
