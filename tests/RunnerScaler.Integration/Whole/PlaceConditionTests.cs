using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Box;
using RunnerScaler.Sandbox.Cluster.Nodes;
using RunnerScaler.Sandbox.GitHub.Credentials;
using RunnerScaler.Sandbox.GitHub.Rest;

namespace RunnerScaler.Integration.Whole;

/// <summary>What a pool says of the places that it serves, and of its credential.</summary>
public sealed class PlaceConditionTests
{
    private const string Secret = $"/api/v1/namespaces/{ClusterBox.Namespace}/secrets/github-app";

    [Fact]
    [Walks(
        "Ready True ServingInPart", "Ready False ScopeNotFound", "QueueRead False ScopeNotFound",
        "Ready False RunnerGroupNotFound", "Ready False RegistrationRefused", "Ready False SpecInvalid")]
    public async Task OfPlacesItSaysWhichRefuse()
    {
        await using var box = await ControllerBox.OpenAsync();
        await box.StartReadyAsync();
        var nobody = box.GitHub.OrganizationUrl.Replace(GitHubBox.Owner, "nobody", StringComparison.Ordinal);
        await ServeAsync(box, box.GitHub.OrganizationUrl, nobody);
        await box.UntilAsync("Ready", "True", "ServingInPart");
        await ServeAsync(box, nobody);
        await box.UntilAsync("Ready", "False", "ScopeNotFound");
        await box.UntilAsync("QueueRead", "False", "ScopeNotFound");

        await ServeAsync(box, new JsonObject { ["url"] = box.GitHub.OrganizationUrl, ["runnerGroup"] = "nightly" });
        box.Queue();
        await box.UntilAsync("Ready", "False", "RunnerGroupNotFound");
        await ServeAsync(box, box.GitHub.OrganizationUrl);
        box.Faults.Plan = new() { Standing = [new("/generate-jitconfig", RestFault.Invalid)] };
        await box.UntilAsync("Ready", "False", "RegistrationRefused");
        box.Faults.Plan = FaultPlan.None;
        await box.EditAsync(new JsonObject { ["labels"] = new JsonArray("self-hosted", "linux", "LINUX") });
        await box.UntilAsync("Ready", "False", "SpecInvalid");
        await box.EditAsync(new JsonObject { ["labels"] = new JsonArray("self-hosted", "linux") });
        await box.UntilAsync("Ready", "True", "Serving");
        await box.HoldsAsync("the job ends", () => box.Organization.Statistics().CompletedTotal == 1);
        Walk.AssertDone(box);
    }

    [Fact]
    [Walks(
        "Ready False CredentialsInvalid", "QueueRead False CredentialsInvalid", "Ready False CredentialsRefused",
        "QueueRead False CredentialsRefused", "Ready False PermissionMissing", "QueueRead False PermissionMissing")]
    public async Task OfTheCredentialItSaysWhatIsWrong()
    {
        await using var box = await ControllerBox.OpenAsync();
        await box.StartReadyAsync();
        await KeyAsync(box, box.GitHub.AppId, "no key at all");
        await box.UntilAsync("Ready", "False", "CredentialsInvalid");
        await box.UntilAsync("QueueRead", "False", "CredentialsInvalid");
        await KeyAsync(box, "999999", box.GitHub.PrivateKeyPem);
        await box.UntilAsync("Ready", "False", "CredentialsRefused");
        await box.UntilAsync("QueueRead", "False", "CredentialsRefused");
        await KeyAsync(box, box.GitHub.AppId, box.GitHub.PrivateKeyPem);
        await box.UntilAsync("Ready", "True", "Serving");
        await box.UntilAsync("QueueRead", "True", "Read");

        Grant(box, Permission.Metadata, Permission.OrganizationRunners);
        await box.UntilAsync("QueueRead", "False", "PermissionMissing");
        await box.UntilAsync("Ready", "False", "PermissionMissing");
        box.Queue();
        Grant(box, Permission.Metadata, Permission.Actions, Permission.OrganizationRunners);
        await box.UntilAsync("Ready", "True", "Serving");
        await box.HoldsAsync("the job ends", () => box.Organization.Statistics().CompletedTotal == 1);
        Walk.AssertDone(box);
    }

    private static void Grant(ControllerBox box, params string[] permissions)
    {
        var credentials = box.Organization.Credentials;
        var installation = credentials.InstallationsOf(box.GitHub.App).Single();
        credentials.Uninstall(installation);
        credentials.Install(
            installation.App, GitHubBox.Owner, permissions.ToDictionary(p => p, _ => Permission.Write));
    }

    private static Task ServeAsync(ControllerBox box, params string[] urls) =>
        ServeAsync(box, [.. urls.Select(url => new JsonObject { ["url"] = url })]);

    private static Task ServeAsync(ControllerBox box, params JsonObject[] serves) => box.EditAsync(new JsonObject
    {
        ["github"] = new JsonObject { ["serves"] = new JsonArray([.. serves]) },
    });

    private static Task<JsonObject> KeyAsync(ControllerBox box, string appId, string key) => box.Http.PatchAsync(
        Secret,
        new JsonObject { ["stringData"] = new JsonObject { ["app_id"] = appId, ["private_key"] = key } },
        KubeHttp.MergePatchType,
        TestContext.Current.CancellationToken);
}
