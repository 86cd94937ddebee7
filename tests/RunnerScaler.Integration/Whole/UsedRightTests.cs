using RunnerScaler.Integration.Cluster;
using RunnerScaler.Sandbox.Box;
using RunnerScaler.Sandbox.Scenario;

namespace RunnerScaler.Integration.Whole;

/// <summary>
/// The rights of <c>deploy/rbac.yaml</c> are those that a whole controller was seen to use, and no others.
/// </summary>
public sealed class UsedRightTests
{
    /// <summary>Those that are not asked for by requests of this test, and why they are needed all the same.</summary>
    private static readonly string[] unseen =
    [
        // Asked about by the API server's own admission, for an owner that must not go first.
        "update runnerpools/finalizers",
        // When somebody asks why a job waits: ExplainTests.
        "create subjectaccessreviews",
        // When an answer leaves open which pod has a name: PodStoreTests.
        "get pods",
        // Builders' caches: CacheVolumesTests and BuilderPodTests.
        "create persistentvolumeclaims", "get volumesnapshots", "get storageclasses",
    ];

    /// <summary>Only for a pod that claims before the watch shows it: TokenVerificationTests.</summary>
    private static readonly string[] seenAtTimes = ["create tokenreviews"];

    /// <summary>What everybody may do: ask what he may do, and which release the server is.</summary>
    private static readonly string[] everybodys =
        ["create selfsubjectaccessreviews", "create selfsubjectrulesreviews", "get other"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WhatIsGrantedIsWhatIsUsed()
    {
        var fresh = await UsedAsync(isAgain: false);
        var again = await UsedAsync(isAgain: true);
        var used = fresh.Union(again).Except(everybodys).Order().ToArray();
        var granted = ShippedRights.All().ToArray();
        Assert.Empty(used.Except(granted));
        Assert.Equal(unseen.Order(), granted.Except(used).Except(seenAtTimes).Order());
    }

    /// <summary>A job and a standby pod; replies that are lost.</summary>
    /// <param name="isAgain">Whether the endpoint's keys are there, and of no use.</param>
    private static async Task<string[]> UsedAsync(bool isAgain)
    {
        await using var box = await ControllerBox.OpenAsync(new BoxShape
        {
            Pool = new PoolSettings { MaxRunners = 5, Standby = 1, Builder = "None", IdleSeconds = 10 },
        });
        if (isAgain)
            await box.Http.PostAsync(
                $"/api/v1/namespaces/{ControllerBox.Own}/secrets", TestCluster.Named("runnerscaler-claims"), Stop);
        box.Api.Faults.AppliesTo = r => r.User.Name == ControllerBox.Controller
            && r is { Verb: "create", Type.Plural: "pods", Subresource: "" };
        await box.StartReadyAsync();
        box.Api.Faults.LostReplyShare = 1;
        box.Queue(jobs: 2);
        await box.HoldsAsync("the jobs end", () => box.Organization.Statistics().CompletedTotal == 2);
        await box.Http.DeleteAsync(
            $"/apis/runnerscaler.io/v1alpha1/namespaces/{ClusterBox.Namespace}/runnerpools/{ClusterBox.PoolName}",
            null, Stop);
        await box.HoldsAsync("the pods go", () => box.Api.Requests.Total(r =>
            r is { User: ControllerBox.Controller, Verb: "delete", Resource: "pods", Code: 200 }) > 0);
        return [.. box.Api.Requests.Snapshot().Keys
            .Where(k => k.User == ControllerBox.Controller && k.Resource.Length > 0)
            .Select(k => $"{k.Verb} {k.Resource}").Distinct()];
    }
}
