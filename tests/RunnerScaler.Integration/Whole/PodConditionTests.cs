using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Api;

namespace RunnerScaler.Integration.Whole;

/// <summary>What a pool says of its pods and of the API server.</summary>
public sealed class PodConditionTests
{
    private const int OutdatedRunner = 7;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    [Walks(
        "Ready False PodsFail", "RunnerOutdated False NotRefused", "RunnerOutdated True RefusedByGitHub",
        "Ready False RunnerOutdated")]
    public async Task OfPodsThatEndItSaysHow()
    {
        int? code = 1;
        await using var box = await ControllerBox.OpenAsync(new()
        {
            Program = runner => new ExitingProgram(runner, () => code),
        });
        await box.StartReadyAsync();
        box.Queue();
        await box.UntilAsync("Ready", "False", "PodsFail");
        await box.UntilAsync("RunnerOutdated", "False", "NotRefused");
        code = OutdatedRunner;
        await box.UntilAsync("RunnerOutdated", "True", "RefusedByGitHub");
        await box.UntilAsync("Ready", "False", "RunnerOutdated");
        code = null;
        await box.HoldsAsync("the job ends", () => box.Organization.Statistics().CompletedTotal == 1);
        await box.UntilAsync("RunnerOutdated", "False", "NotRefused");
        await box.UntilAsync("Ready", "True", "Serving");
        Walk.AssertDone(box);
    }

    [Fact]
    [Walks("Ready False PodsRefused")]
    public async Task OfNodesThatDoNotTakeItsPodsItSaysWhy()
    {
        await using var box = await ControllerBox.OpenAsync(new()
        {
            Nodes = new BoxShape().Nodes with { RejectedShare = 1 },
        });
        await box.StartReadyAsync();
        box.Queue();
        var refused = await box.UntilAsync("Ready", "False", "PodsRefused");
        Assert.Contains("enough resource: cpu", $"{refused["message"]}", StringComparison.Ordinal);
        Walk.AssertDone(box);
    }

    [Fact]
    [Walks("SlotsResting True PodsDoNotStart")]
    public async Task OfSlotsWhosePodsDoNotStartItSaysThatTheyRest()
    {
        await using var box = await ControllerBox.OpenAsync(new()
        {
            Nodes = new BoxShape().Nodes with { ImageMissingShare = 1 },
        });
        await box.EditAsync(new JsonObject { ["deadlines"] = new JsonObject { ["start"] = "2s" } });
        await box.StartReadyAsync();
        box.Queue();
        await box.UntilAsync("SlotsResting", "True", "PodsDoNotStart");
        Walk.AssertDone(box);
    }

    [Fact]
    [Walks(
        "RightsMissing True Forbidden", "RightsMissing True Denied", "RightsMissing True QuotaExceeded",
        "RightsMissing True WebhookFails", "RightsMissing True Throttled", "RightsMissing True Conflicts",
        "RightsMissing True NotAuthenticated", "RightsMissing True ServerFails", "Ready False RequestsRefused",
        "Ready Unknown RequestsRefused")]
    public async Task OfTheApiServerItSaysWhatItRefuses()
    {
        await using var box = await ControllerBox.OpenAsync();
        await box.StartReadyAsync();
        var hours = 6;
        foreach (var (reason, obstacle) in Obstacles())
        {
            // A runner that is still there would take the job, and no pod would have to be made.
            await box.HoldsAsync("no pod is left", () => !box.HasPods);
            box.Access.Add(obstacle);
            box.Queue();
            await box.UntilAsync("RightsMissing", "True", reason);
            await box.UntilAsync("Ready", "False", "RequestsRefused");
            box.Access.Remove(obstacle);
            // A changed spec is tried at once, whatever pauses there are.
            await box.EditAsync(new JsonObject { ["deadlines"] = new JsonObject { ["job"] = $"{++hours}h" } });
            await box.HoldsAsync(
                "the jobs end", () => box.Organization.Statistics() is var s && s.CompletedTotal == s.Queued);
            await box.UntilAsync("RightsMissing", "False", "NothingRefused");
        }
        var watching = new LostRight("watch", "pods");
        box.Access.TakeAway(watching);
        await box.UntilAsync("RightsMissing", "True", "Forbidden");
        await box.UntilAsync("Ready", "Unknown", "RequestsRefused");
        box.Access.GiveBack(watching);
        await box.UntilAsync("Ready", "True", "Serving");
        Walk.AssertDone(box);
    }

    [Fact]
    [Walks(
        "BuilderSelected False Unavailable", "Ready False BuilderUnavailable", "BuilderSelected True UserNamespaces",
        "BuilderSelected True Baseline", "BuilderSelected True Compatible", "CacheFound False NotFound",
        "CacheFound True Found", "CacheFound Unknown NotRead")]
    public async Task OfTheBuilderItSaysWhichAndWhatIsMissing()
    {
        await using var box = await ControllerBox.OpenAsync(new()
        {
            Pool = new() { MaxRunners = 5, Standby = 0, IdleSeconds = 10 },
            Options = new() { ["Kubernetes:BuilderImage"] = "" },
        });
        await box.StartAsync();
        await box.UntilAsync("BuilderSelected", "False", "Unavailable");
        await box.UntilAsync("Ready", "False", "BuilderUnavailable");
        await BuildAsync(box, new JsonObject { ["image"] = $"sandbox/buildkit@sha256:{new string('0', 64)}" });
        await box.UntilAsync("BuilderSelected", "True", "UserNamespaces");
        foreach (var profile in (string[])["Baseline", "Compatible"])
        {
            await BuildAsync(box, new JsonObject { ["profile"] = profile });
            await box.UntilAsync("BuilderSelected", "True", profile);
        }

        await CacheAsync(box, "fast");
        await box.UntilAsync("CacheFound", "False", "NotFound");
        await box.Http.PostAsync("/apis/storage.k8s.io/v1/storageclasses", new JsonObject
        {
            ["apiVersion"] = "storage.k8s.io/v1",
            ["kind"] = "StorageClass",
            ["metadata"] = new JsonObject { ["name"] = "quick" },
            ["provisioner"] = "example.com/disks",
        }, Stop);
        await CacheAsync(box, "quick");
        await box.UntilAsync("CacheFound", "True", "Found");
        box.Access.TakeAway(new LostRight("get", "storageclasses"));
        await CacheAsync(box, "third");
        await box.UntilAsync("CacheFound", "Unknown", "NotRead");
        Walk.AssertDone(box);
    }

    [Fact]
    [Walks("FieldsIgnored True LaterRelease")]
    public async Task OfFieldsThatItDoesNotKnowItSaysThatTheyAreIgnored()
    {
        await using var box = await ControllerBox.OpenAsync();
        await box.StartReadyAsync();
        const string definition = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/runnerpools.runnerscaler.io";
        var later = await box.Http.GetAsync(definition, Stop);
        var schema = later["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!;
        schema["properties"]!["spec"]!["properties"]!["colour"] = new JsonObject { ["type"] = "string" };
        await box.Http.PutAsync(definition, later, Stop);
        await box.EditAsync(new JsonObject { ["colour"] = "blue" });
        var ignored = await box.UntilAsync("FieldsIgnored", "True", "LaterRelease");
        Assert.Contains("spec.colour", $"{ignored["message"]}", StringComparison.Ordinal);
        await box.UntilAsync("Ready", "True", "Serving");
        Walk.AssertDone(box);
    }

    private static Task CacheAsync(ControllerBox box, string storageClass) => BuildAsync(box, new JsonObject
    {
        ["cache"] = new JsonObject { ["kind"] = "Slot", ["storageClass"] = storageClass, ["size"] = "10Gi" },
    });

    private static Task BuildAsync(ControllerBox box, JsonObject builder) =>
        box.EditAsync(new JsonObject { ["builder"] = builder });

    private static IEnumerable<(string Reason, Webhook Obstacle)> Obstacles()
    {
        var pods = new Webhook("policy.io", r => r is { Verb: "create", Type.Plural: "pods", Subresource: "" });
        yield return ("Forbidden", pods with
        {
            BuiltIn = new(403, "Forbidden",
                "pods is forbidden: User \"controller\" cannot create resource \"pods\" in API group \"\""),
        });
        yield return ("Denied", pods);
        yield return ("QuotaExceeded", pods with
        {
            BuiltIn = new(403, "Forbidden",
                "pods \"linux-0\" is forbidden: exceeded quota: team, requested: pods=1, used: pods=4, "
                + "limited: pods=4"),
        });
        yield return ("WebhookFails", pods with { Denies = null });
        yield return ("Throttled", pods with
        {
            BuiltIn = new(429, "TooManyRequests", "The server is currently unable to handle the request"),
        });
        yield return ("Conflicts", pods with
        {
            BuiltIn = new(409, "Conflict", "Operation cannot be fulfilled on resourcequotas \"team\": the object has "
                + "been modified; please apply your changes to the latest version and try again"),
        });
        yield return ("NotAuthenticated", pods with { BuiltIn = new(401, "Unauthorized", "Unauthorized") });
        yield return ("ServerFails", pods with { BuiltIn = new(503, "ServiceUnavailable", "etcdserver: no leader") });
    }
}
