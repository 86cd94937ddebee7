using System.Globalization;
using System.Text.Json.Nodes;
using RunnerScaler.Hosting;
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

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task BeforeAndAfterTheInstallItSaysWhatIsThere()
    {
        await using var box = await ControllerBox.OpenAsync();
        var (code, output) = await LookAsync(box);
        Assert.Equal(2, code);
        Assert.StartsWith("ok        cluster: The API server is Kubernetes 1.36.\nok        definition: ", output,
            StringComparison.Ordinal);
        Assert.Contains(
            "failure   controller: No controller was found in the cluster", output, StringComparison.Ordinal);

        await box.StartReadyAsync();
        await box.ServeAtServiceAsync("runnerscaler", box.Web);
        await box.HoldsAsync("all is well", () => Look(box).Code == 0);
        (_, output) = await LookAsync(box);
        Assert.All(output.Split('\n'), line => Assert.StartsWith("ok        ", line, StringComparison.Ordinal));
        foreach (var check in (string[])
            ["cluster", "definition", "controller", "nodes", "rights", "claims", "pod", "clock"])
            Assert.Contains($"ok        {check}: ", output, StringComparison.Ordinal);

        (code, output) = await LookAsync(box, "--json");
        Assert.Equal((0, "Ok"), (code, (string?)JsonNode.Parse(output)!["level"]));
        box.Access.TakeAway(new LostRight("list", "runnerpools") { User = "jane" });
        await box.HoldsAsync("who may not list all pools is told of those alone that he may get", () =>
            Look(box).Output is var told && !told.Contains("rights", StringComparison.Ordinal)
            && told.Contains($"ok        pools: {Pool}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task OfTheCredentialAndThePlacesItSaysWhatIsWrong()
    {
        await using var box = await ReadyAsync();
        await KeyAsync(box, box.GitHub.AppId, "no key at all");
        await FoundAsync(box, 2, $"failure   credentials: {Pool}", "→ Put a valid credential into the Secret");
        await KeyAsync(box, box.GitHub.AppId, box.GitHub.PrivateKeyPem);

        var credentials = box.Organization.Credentials;
        var installation = credentials.InstallationsOf(box.GitHub.App).Single();
        credentials.Suspend(installation);
        await FoundAsync(box, 2, $"failure   credentials: {Pool}", "suspended");
        credentials.Suspend(installation, suspended: false);
        await FoundAsync(box, 0, $"ok        pools: {Pool}", "");

        credentials.Uninstall(installation);
        credentials.Install(installation.App, GitHubBox.Owner, new Dictionary<string, string>
        {
            [Permission.Metadata] = Permission.Write,
            [Permission.OrganizationRunners] = Permission.Write,
        });
        await FoundAsync(box, 2, $"failure   permissions: {Pool}", "'Actions: read'");
        credentials.Uninstall(credentials.InstallationsOf(box.GitHub.App).Single());
        await FoundAsync(box, 2, $"failure   scopes: {Pool}", "is not installed at 'acme'");
    }

    [Fact]
    public async Task OfGroupsLabelsAndRegistrationItSaysWhatIsWrong()
    {
        await using var box = await ReadyAsync();
        var run = box.Queue(labels: ["self-hosted", "linux-arm64"]);
        await FoundAsync(box, 1, $"warning   labels: {Pool}", "linux-arm64");
        Assert.Equal(0, Look(box, "--warnings-pass").Code);
        box.Organization.CancelRun(run.Id);
        await FoundAsync(box, 1, $"warning   labels of a day: {Pool}", "which no pool has");

        box.Faults.Plan = new() { Standing = [new("/generate-jitconfig", RestFault.Invalid)] };
        box.Queue();
        await FoundAsync(box, 2, $"failure   registration: {Pool}", "→ Do what GitHub's words say.");
        await ServeAsync(box, box.GitHub.OrganizationUrl, "nightly");
        await FoundAsync(box, 2, $"failure   runner groups: {Pool}", "nightly");
        box.Faults.Plan = FaultPlan.None;
        await ServeAsync(box, "http://127.0.0.1:1/acme", null);
        await FoundAsync(box, 2, "failure   GitHub: http://127.0.0.1:1: It cannot be reached", "→ Open the way");
    }

    [Fact]
    public async Task OfTheClockTheClusterAndTheBudgetItSaysWhatIsWrong()
    {
        var clock = new AheadTime();
        await using var box = await ReadyAsync(new BoxShape { Time = clock });
        clock.Ahead = TimeSpan.FromSeconds(40);
        await FoundAsync(box, 1, "warning   clock: ", "s ahead of GitHub's");
        clock.Ahead = TimeSpan.FromSeconds(100);
        await FoundAsync(box, 2, "failure   clock: ", "→ Set the clock of the controller's node.");
        clock.Ahead = TimeSpan.Zero;

        var lost = new LostRight("create", "events");
        box.Access.TakeAway(lost);
        await FoundAsync(box, 1, "warning   rights: ", "the verb 'create' on 'events'");
        box.Access.GiveBack(lost);
        box.Faults.Plan = new()
        {
            Standing = [new("/actions/runs?", RestFault.Throttled)],
            RetryAfter = TimeSpan.FromSeconds(15),
        };
        await FoundAsync(box, 2, $"failure   budget: {Pool}", "→ Wait; ");
    }

    [Fact]
    public async Task OfThePodItSaysThatItWouldBeRefusedAndThatChangesNothing()
    {
        await using var box = await ReadyAsync();
        await FoundAsync(box, 0, $"ok        pod: {Pool}The API server takes its pods.", "");
        var pods = new Webhook("policy.io", r => r is { Verb: "create", Type.Plural: "pods", Subresource: "" });
        var quota = pods with
        {
            BuiltIn = new(403, "Forbidden", "pods \"x\" is forbidden: exceeded quota: team, used: pods=4"),
        };
        box.Access.Add(quota);
        await FoundAsync(box, 1, $"warning   pod: {Pool}A further pod would be refused", "exceeded quota: team");
        Assert.Contains("ok        rights: ", Look(box).Output, StringComparison.Ordinal);
        box.Access.Remove(quota);

        var policy = pods with { Says = "no pods of strangers" };
        box.Access.Add(policy);
        await FoundAsync(box, 2, $"failure   pod: {Pool}Its pods would be refused", "no pods of strangers");
        box.Access.Remove(policy);
        await FoundAsync(box, 0, $"ok        pod: {Pool}The API server takes its pods.", "");
    }

    [Fact]
    public async Task OfTheClaimsPortItSaysThatPodsDoNotReachIt()
    {
        await using var box = await ReadyAsync(new BoxShape
        {
            Options = new() { ["Kubernetes:ClaimsUrl"] = "https://127.0.0.1:1/claims" },
        });
        await FoundAsync(box, 2, "failure   claims: The claims' port does not answer at 127.0.0.1:1",
            "network policies");
    }

    private static async Task<ControllerBox> ReadyAsync(BoxShape? shape = null)
    {
        var box = await ControllerBox.OpenAsync(shape);
        await box.StartReadyAsync();
        await box.ServeAtServiceAsync("runnerscaler", box.Web);
        return box;
    }

    private static Task FoundAsync(ControllerBox box, int code, string finding, string says) =>
        box.HoldsAsync($"{finding} {says}", () =>
            Look(box) is var (ended, output) && ended == code && output.Contains(finding, StringComparison.Ordinal)
            && output.Contains(says, StringComparison.Ordinal));

    private static (int Code, string Output) Look(ControllerBox box, params string[] arguments) =>
        LookAsync(box, arguments).GetAwaiter().GetResult();

    private static async Task<(int Code, string Output)> LookAsync(ControllerBox box, params string[] arguments)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        var code = await ScalerHost.RunAsync(
            ["doctor", $"--Kubernetes:Kubeconfig={box.ConfigOf("jane")}", .. arguments], output, error);
        Assert.Equal("", error.ToString());
        return (code, output.ToString().TrimEnd('\n'));
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
