using RunnerScaler.Sandbox.Cluster.Api;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Integration.Whole;

/// <summary>Each right of <c>deploy/rbac.yaml</c> is taken away from a running controller, and given back.</summary>
public sealed class LostRightTests
{
    /// <summary>Used for caches and finalizers only, or not at all: told as part of making a pod.</summary>
    private static readonly string[] elsewhere =
    [
        "update runnerpools/finalizers", "create persistentvolumeclaims", "get volumesnapshots",
        "get storageclasses",
    ];

    /// <summary>What <c>Ready</c> is without it; empty if jobs are served all the same.</summary>
    private static readonly Dictionary<string, string> ready = new(StringComparer.Ordinal)
    {
        ["create pods"] = "False",
        ["patch pods"] = "False",
        ["delete pods"] = "False",
        ["list pods"] = "Unknown",
        ["watch pods"] = "Unknown",
        ["get pods"] = "",
        ["list runnerpools"] = "Unknown",
        ["watch runnerpools"] = "Unknown",
        ["get secrets"] = "False",
        ["create secrets"] = "",
        ["patch secrets"] = "",
        ["create events"] = "",
        ["create tokenreviews"] = "False",
        ["get /.well-known/openid-configuration"] = "",
        ["get /openid/v1/jwks"] = "",
        ["create subjectaccessreviews"] = "",
        ["list nodes"] = "",
        ["get leases"] = "False",
        ["create leases"] = "False",
        ["update leases"] = "False",
    };

    private static readonly string[] vital =
    [
        "list pods", "watch pods", "list runnerpools", "watch runnerpools", "create tokenreviews", "get leases",
        "create leases", "update leases",
    ];

    [Fact]
    public async Task EachIsMissedInAConditionAMetricAndTheLogAndComesBack()
    {
        await using var box = await ControllerBox.OpenAsync();
        await box.StartReadyAsync();
        var rights = ShippedRights.All().Except(elsewhere).Except(["patch runnerpools/status"]).ToArray();
        Assert.Equal(ready.Keys.Order(), rights.Order());
        foreach (var right in rights)
            await MissAsync(box, right);
        Assert.True(box.HasEvent("Forbidden"));
    }

    [Fact]
    public async Task WithoutTheStatusAnEventAMetricAndTheLogTell()
    {
        await using var box = await ControllerBox.OpenAsync();
        await box.StartReadyAsync();
        box.Access.TakeAway(new LostRight("patch", "runnerpools/status"));
        box.Queue(labels: "none-of-ours");
        await box.HoldsAsync("an Event tells", () => box.HasEvent("Forbidden"));
        Assert.Single(box.Log, l => IsWarningOf(l, "patch runnerpools/status"));
        var metrics = (await box.GetAsync("/metrics")).Body;
        Assert.Contains("\"runnerpools/status\",reason=\"Forbidden\"", metrics, StringComparison.Ordinal);
        Assert.Equal(200, (await box.GetAsync("/readyz")).Code);
    }

    [Fact]
    public async Task WhatIsGrantedCostsOneQuestionForEachNamespace()
    {
        await using var box = await ControllerBox.OpenAsync();
        await box.StartReadyAsync();
        await box.HoldsAsync("it has asked twice", () => Asked(box, "selfsubjectrulesreviews") >= 4);
        Assert.Equal(0, Asked(box, "selfsubjectaccessreviews"));
    }

    [Fact]
    public async Task WhereRulesAreNotListedItAsksForEachRight()
    {
        await using var box = await ControllerBox.OpenAsync();
        box.Access.TakeAway(new LostRight("create", "selfsubjectrulesreviews"));
        await box.StartReadyAsync();
        await MissAsync(box, "get pods");
        Assert.True(Asked(box, "selfsubjectaccessreviews") > 0);
    }

    [Theory]
    [InlineData("get", "leases")]
    [InlineData("create", "leases")]
    [InlineData("list", "pods")]
    [InlineData("watch", "pods")]
    [InlineData("list", "runnerpools")]
    [InlineData("create", "secrets")]
    [InlineData("get", "secrets")]
    [InlineData("create", "tokenreviews")]
    public async Task AControllerThatNeverHadItIsNotReadyAndSaysWhy(string verb, string resource)
    {
        await using var box = await ControllerBox.OpenAsync();
        var right = new LostRight(verb, resource);
        box.Access.TakeAway(right);
        await box.StartAsync();
        var body = "";
        await box.HoldsAsync("/readyz says why", () =>
        {
            (var code, body) = box.GetAsync("/readyz").GetAwaiter().GetResult();
            return code == 503 && body.Contains($"refuses to {verb} {resource}", StringComparison.Ordinal);
        });
        Assert.Contains($"the verb '{verb}' on '{resource}'", body, StringComparison.Ordinal);
        box.Access.GiveBack(right);
        await box.UntilAsync("Ready", "True", "Serving");
        Assert.Equal(200, (await box.GetAsync("/readyz")).Code);
    }

    private static async Task MissAsync(ControllerBox box, string right)
    {
        var (verb, resource) = (right.Split(' ')[0], right.Split(' ')[1]);
        var lost = new LostRight(verb, resource);
        box.Access.TakeAway(lost);
        var missing = await box.UntilAsync("RightsMissing", "True", "Forbidden");
        Assert.Contains($"to {right}", missing.Text("message"), StringComparison.Ordinal);
        Assert.Contains($"the verb '{verb}' on '{resource}'", missing.Text("message"), StringComparison.Ordinal);
        await (ready[right] is { Length: > 0 } status
            ? box.UntilAsync("Ready", status, "RequestsRefused")
            : box.UntilAsync("Ready", "True", "Serving"));
        // One line for each object whose right can be given by itself.
        var lines = box.Log.Where(l => IsWarningOf(l, right)).ToArray();
        Assert.NotEmpty(lines);
        Assert.Equal(lines.Distinct(), lines);
        var metrics = (await box.GetAsync("/metrics")).Body;
        var series = $"verb=\"{verb}\",resource=\"{resource}\",reason=\"Forbidden\"}}";
        Assert.Contains(series, metrics, StringComparison.Ordinal);
        Assert.Equal(vital.Contains(right) ? 503 : 200, (await box.GetAsync("/readyz")).Code);

        box.Access.GiveBack(lost);
        await box.UntilAsync("RightsMissing", "False", "NothingRefused");
        await box.UntilAsync("Ready", "True", "Serving");
        await box.HoldsAsync("/readyz", () => box.GetAsync("/readyz").GetAwaiter().GetResult().Code == 200);
    }

    private static long Asked(ControllerBox box, string reviews) =>
        box.Api.Requests.Total(r => r.User == ControllerBox.Controller && r.Resource == reviews);

    private static bool IsWarningOf(string line, string right) =>
        line.StartsWith($"Warning: The API server refuses to {right}", StringComparison.Ordinal);
}
