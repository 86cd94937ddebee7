using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Api;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Integration.Whole;

/// <summary>Admission webhooks in the way of the controller's writes of pods.</summary>
public sealed class RefusedWriteTests
{
    [Theory]
    [InlineData("create", 403)]
    [InlineData("create", 422)]
    [InlineData("patch", 403)]
    [InlineData("patch", 400)]
    [InlineData("patch", 422)]
    [InlineData("delete", 403)]
    public async Task AWebhookThatDeniesIsToldInItsOwnWordsUntilItLetsThrough(string verb, int code)
    {
        await using var box = await ControllerBox.OpenAsync();
        await box.StartReadyAsync();
        var webhook = OnPods(verb) with { Denies = code, Says = "policy 7 forbids it" };
        box.Access.Add(webhook);
        box.Queue();
        var missing = await box.UntilAsync("RightsMissing", "True", "Denied");
        const string words = "\"policy.io\" denied the request: policy 7 forbids it";
        Assert.Contains(words, missing.Text("message"), StringComparison.Ordinal);
        await box.UntilAsync("Ready", "False", "RequestsRefused");
        await box.HoldsAsync("an Event tells", () => box.HasEvent("Denied"));

        box.Access.Remove(webhook);
        await box.UntilAsync("RightsMissing", "False", "NothingRefused");
        await box.UntilAsync("Ready", "True", "Serving");
        await box.HoldsAsync("the job ends", () => box.Organization.Statistics().CompletedTotal == 1);
    }

    [Theory]
    [InlineData("create")]
    [InlineData("patch")]
    [InlineData("delete")]
    public async Task AWebhookThatCannotBeAskedIsToldWhenItLasts(string verb)
    {
        await using var box = await ControllerBox.OpenAsync();
        await box.StartReadyAsync();
        var webhook = OnPods(verb) with { Denies = null };
        box.Access.Add(webhook);
        box.Queue();
        var missing = await box.UntilAsync("RightsMissing", "True", "WebhookFails");
        Assert.Contains("failed calling webhook \"policy.io\"", missing.Text("message"), StringComparison.Ordinal);
        await box.UntilAsync("Ready", "False", "RequestsRefused");
        box.Access.Remove(webhook);
        await box.UntilAsync("RightsMissing", "False", "NothingRefused");
        await box.HoldsAsync("the job ends", () => box.Organization.Statistics().CompletedTotal == 1);
    }

    [Fact]
    public async Task OneFailedCallOfAWebhookCostsAJobASecondAndIsNoNews()
    {
        await using var box = await ControllerBox.OpenAsync();
        await box.StartReadyAsync();
        box.Access.Add(OnPods("create") with { Denies = null, Times = 1 });
        box.Queue();
        await box.HoldsAsync("the job ends", () => box.Organization.Statistics().CompletedTotal == 1);
        Assert.Equal("False", box.Condition("RightsMissing").Text("status"));
        Assert.DoesNotContain(box.Log, l => l.StartsWith("Warning: The API server refuses", StringComparison.Ordinal));
        Assert.Equal(1, box.Api.Requests.Total(r => r is { Verb: "create", Resource: "pods", Code: 500 }));
    }

    /// <summary>In the words of the admission that is built into Kubernetes, which 1.20 does not have.</summary>
    [Fact]
    public async Task ALevelThatRefusesBuildersIsToldWithWhatToDo()
    {
        await using var box = await ControllerBox.OpenAsync(new()
        {
            Pool = new() { MaxRunners = 5, Standby = 0, IdleSeconds = 10 },
        });
        var restricted = OnPods("create") with
        {
            BuiltIn = new(403, "Forbidden",
                "pods \"linux-0\" is forbidden: violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation "
                    + "!= "
                    + "false (container \"buildkitd\" must set securityContext.allowPrivilegeEscalation=false)"),
        };
        box.Access.Add(restricted);
        await box.EditAsync(new JsonObject
        {
            ["builder"] = new JsonObject { ["image"] = $"sandbox/buildkit@sha256:{new string('0', 64)}" },
        });
        await box.StartAsync();
        box.Queue();
        var missing = await box.UntilAsync("RightsMissing", "True", "Denied");
        var words = missing.Text("message")!;
        Assert.Contains("violates PodSecurity \"restricted:latest\"", words, StringComparison.Ordinal);
        Assert.Contains(
            "Correct spec.template, spec.builder.profile, or the namespace's Pod Security level: docs/builder.md",
            words, StringComparison.Ordinal);
        await box.UntilAsync("Ready", "False", "RequestsRefused");
        Assert.False(box.HasPods);

        box.Access.Remove(restricted);
        await box.EditAsync(new JsonObject { ["builder"] = JsonNode.Parse("""{"mode":"None","image":null}""") });
        await box.UntilAsync("Ready", "True", "Serving");
        await box.HoldsAsync("the job ends", () => box.Organization.Statistics().CompletedTotal == 1);
    }

    [Fact]
    public async Task ARuleAgainstOnePodLeavesTheOthersAtWork()
    {
        await using var box = await ControllerBox.OpenAsync();
        await box.StartReadyAsync();
        box.Access.Add(new Webhook("policy.io", r => r is { Verb: "patch", Type.Plural: "pods", Name: "linux-0" }));
        box.Queue(jobs: 3);
        await box.HoldsAsync("the jobs end", () => box.Organization.Statistics().CompletedTotal == 3);
        await box.UntilAsync("RightsMissing", "True", "Denied");
        await box.UntilAsync("Ready", "True", "Serving");
    }

    private static Webhook OnPods(string verb) =>
        new("policy.io", r => r.Verb == verb && r is { Type.Plural: "pods", Subresource: "" });
}
