using System.Text.Json;
using RunnerScaler.Kubernetes.Pods;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Tests.Kubernetes.Pods;

public sealed class PodReaderTests
{
    private const string GrantText =
        """{\"runner\":\"linux-7-0a1b2c3d\",\"attempt\":2,\"at\":\"2030-01-01T00:00:00.0000000Z\","""
        + """\"owner\":\"acme\",\"server\":\"https://github.com\",\"namespace\":\"ci\",\"secret\":\"app\"}""";

    [Fact]
    public void ARunningPodIsReadDownToWhatDecisionsNeed()
    {
        var pod = Read(
            annotations: $"\"runnerscaler.io/claim\":\"{GrantText}\",\"runnerscaler.io/revision\":\"abc\","
                + "\"cluster-autoscaler.kubernetes.io/safe-to-evict\":\"false\","
                + "\"karpenter.sh/do-not-disrupt\":\"true\"",
            status: """
                "phase":"Running",
                "conditions":[{"type":"PodScheduled","status":"True","lastTransitionTime":"2030-01-01T00:00:05Z"}],
                "containerStatuses":[{"name":"runner","state":{"running":{"startedAt":"2030-01-01T00:00:09Z"}}}]
                """)!;
        Assert.Equal((new PoolKey("ci", "linux"), 7), (pod.Pool, pod.Slot));
        Assert.Equal(("0a1b2c3d-0000", "42", "node-1"), (pod.Uid, pod.ResourceVersion, pod.Node));
        Assert.Equal("2Gi", pod.MemoryLimit);
        Assert.Equal(PodPhase.Running, pod.Phase);
        Assert.Equal(
            (At(0), At(5), At(9), null), (pod.CreatedAt, pod.ScheduledAt, pod.StartedAt, pod.DeletingSince));
        Assert.Equal(("abc", true, null, null), (pod.Revision, pod.Protected, pod.WaitingReason, pod.Exit));
        Assert.Equal(
            new ClaimAnnotation(GrantText.Replace("\\\"", "\"", StringComparison.Ordinal), 2, At(0), "acme", null)
            {
                RunnerName = "linux-7-0a1b2c3d",
                Account = new("ci", "app", "https://github.com"),
            },
            pod.ClaimAnnotation);
    }

    [Theory]
    [InlineData("", "", false)]
    [InlineData("\"runnerscaler.io/pool-uid\":\"u\"", "", true)]
    [InlineData("\"runnerscaler.io/pool-uid\":\"u\"", "RunnerPool", false)]
    [InlineData("\"runnerscaler.io/pool-uid\":\"u\"", "ConfigMap", true)]
    [InlineData("", "RunnerPool", false)]
    public void APodThatWasGivenAnIdentityHasNoOwner(string annotations, string owner, bool isReleased)
    {
        var owners = owner.Length == 0 ? "" : $$"""{"kind":"{{owner}}","uid":"u"}""";
        var pod = Read(metadata: $"\"ownerReferences\":[{owners}],", annotations: annotations)!;
        Assert.Equal(isReleased, pod.Released);
    }

    [Theory]
    [InlineData("100520616165", 100520616165)]
    [InlineData("-1", null)]
    [InlineData("99999999999999999999", null)]
    [InlineData("a job", null)]
    public void TheJobThatAPodTellsOfIsANumber(string label, long? job) =>
        Assert.Equal(job, Read(labels: $",\"runnerscaler.io/job\":\"{label}\"")!.DescribedJob);

    [Theory]
    [InlineData("linux-8", "linux", "7")]
    [InlineData("linux-7", "other", "7")]
    [InlineData("linux-7", "linux", "seven")]
    [InlineData("linux-07", "linux", "07")]
    public void APodWhoseLabelsAndNameDisagreeIsNoneOfOurs(string name, string pool, string slot) =>
        Assert.Null(Read(name: name, pool: pool, slot: slot));

    [Fact]
    public void DeletionIsToldFromWhenItWasAskedFor() =>
        Assert.Equal(
            At(30),
            Read(metadata: """
                "deletionTimestamp":"2030-01-01T00:01:30Z","deletionGracePeriodSeconds":60,
                """)!.DeletingSince);

    [Theory]
    [InlineData(
        """{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"0/3 nodes"}""", "",
        "Unschedulable", "0/3 nodes")]
    [InlineData(
        "", """{"name":"runner","state":{"waiting":{"reason":"ContainerCreating"}}}""", "ContainerCreating", null)]
    [InlineData(
        "",
        """
        {"name":"other","state":{"waiting":{"reason":"ContainerCreating"}}},
        {"name":"runner","state":{"waiting":{"reason":"ImagePullBackOff","message":"no such image"}}}
        """,
        "ImagePullBackOff",
        "no such image")]
    public void WhyItDoesNotStart(string condition, string container, string reason, string? message)
    {
        var pod = Read(
            status: $"\"phase\":\"Pending\",\"conditions\":[{condition}],\"containerStatuses\":[{container}]")!;
        Assert.Equal((reason, message), (pod.WaitingReason, pod.WaitingMessage));
    }

    [Theory]
    [InlineData("", 0, "Completed", """{\"ranJob\":true,\"exitCode\":0}""", "Completed", true)]
    [InlineData("", 1, "Error", """{\"ranJob\":false,\"exitCode\":1}""", "Error", false)]
    [InlineData("", 137, "OOMKilled", "", "OOMKilled", null)]
    [InlineData("", 1, "Error", "panic: something else", "Error", null)]
    [InlineData("", 1, "Error", "[1]", "Error", null)]
    [InlineData("\"reason\":\"Evicted\",", 137, "Error", "", "Evicted", null)]
    [InlineData(
        "\"conditions\":[{\"type\":\"DisruptionTarget\",\"status\":\"True\"}],", 143, "Error", "", "Evicted", null)]
    [InlineData(
        "\"conditions\":[{\"type\":\"DisruptionTarget\",\"status\":\"True\"}],", 0, "Completed",
        """{\"ranJob\":true}""", "Completed", true)]
    public void HowItEnded(string status, int code, string reason, string message, string outcome, bool? ranJob)
    {
        var pod = Read(status: status + $$$"""
            "phase":"Failed","containerStatuses":[{"name":"runner","state":{"terminated":
            {"exitCode":{{{code}}},"reason":"{{{reason}}}","message":"{{{message}}}",
             "startedAt":"2030-01-01T00:00:09Z","finishedAt":"2030-01-01T00:00:20Z"} } }]
            """)!;
        Assert.Equal(new PodExit(code, outcome, ranJob, At(20)) { FromOutside = outcome == "Evicted" }, pod.Exit);
        Assert.Equal(At(9), pod.StartedAt);
    }

    [Fact]
    public void APodTellsWhichJobItHad()
    {
        var pod = Read(status: """
            "phase":"Succeeded","containerStatuses":[{"name":"runner","state":{"terminated":{"exitCode":0,"message":
            "{\"ranJob\":true,\"job\":{\"repository\":\"acme/web\",\"runId\":17,\"seconds\":42.5}}"} } }]
            """)!;
        Assert.Equal(new JobReport("acme/web", 17, TimeSpan.FromSeconds(42.5)), pod.Exit!.Job);
    }

    [Theory]
    [InlineData("""{\"ranJob\":true,\"problem\":\"\\ud800\"}""", true)]
    [InlineData("""\ud800""", false)]
    public void APodWhoseLastWordsCannotBeReadKeepsItsSlot(string message, bool unreadable)
    {
        var pod = Read(status: $$$"""
            "phase":"Failed","reason":"\ud800","nominatedNodeName":17,
            "containerStatuses":[{"name":"runner","\udc00":1,"state":{"terminated":
            {"exitCode":1e999,"message":"{{{message}}}","finishedAt":"99999-01-01T00:00:00Z"} } }]
            """)!;
        Assert.Equal((7, PodPhase.Failed), (pod.Slot, pod.Phase));
        Assert.Equal((null, unreadable, null), (pod.Exit!.Code, pod.Exit.Unreadable, pod.Exit.At));
    }

    [Theory]
    [InlineData("\"phase\":\"7\"")]
    [InlineData("\"phase\":\"running\"")]
    [InlineData("\"phase\":\"\\ud800\"")]
    public void APhaseThatNobodyKnowsIsPending(string status) =>
        Assert.Equal(PodPhase.Pending, Read(status: status)!.Phase);

    [Fact]
    public void TimesThatNoClockShowsAreNone()
    {
        var pod = Read(metadata: """
            "deletionTimestamp":"9999-12-31T23:59:59Z","deletionGracePeriodSeconds":-2147483648,
            """)!;
        Assert.Null(pod.DeletingSince);
    }

    [Theory]
    [InlineData("\"phase\":\"Failed\",\"reason\":\"Evicted\"", "Evicted")]
    [InlineData("\"phase\":\"Failed\"", "NeverStarted")]
    public void APodThatEndedWithoutItsContainerHasNoCode(string status, string reason) => Assert.Equal(
        new PodExit(null, reason, null, null) { FromOutside = reason == "Evicted", NeverRan = true },
        Read(status: status)!.Exit);

    [Theory]
    [InlineData("OutOfcpu", "Pod was rejected: Node didn't have enough resource: cpu", "[]", true)]
    [InlineData("OutOfTomorrow", "a word\\nthat nobody\\u001b[31m knows yet", "[]", true)]
    [InlineData(
        "TopologyAffinityError", "no",
        """[{"name":"runner","state":{"terminated":{"exitCode":137,"startedAt":null}}}]""",
        true)]
    [InlineData(
        "Evicted", "low on memory",
        """[{"name":"runner","state":{"terminated":{"exitCode":137,"startedAt":"2030-01-01T00:00:09Z"}}}]""", false)]
    public void WhatANodeDoesNotTakeNeverRan(string reason, string message, string containers, bool neverRan)
    {
        var pod = Read(status: $$$"""
            "phase":"Failed","reason":"{{{reason}}}","message":"{{{message}}}","containerStatuses":{{{containers}}}
            """)!;
        Assert.Equal((reason, true, neverRan), (pod.Exit!.Reason, pod.Exit.FromOutside, pod.Exit.NeverRan));
        Assert.DoesNotContain(pod.Exit.Message!, char.IsControl);
    }

    [Fact]
    public void WhatCannotBeStartedIsNoRefusalOfTheNode()
    {
        var pod = Read(status: """
            "phase":"Failed","containerStatuses":[{"name":"runner","state":{"terminated":{"exitCode":128,
            "reason":"StartError","message":"exec: no such file","startedAt":"1970-01-01T00:00:00Z"}}}]
            """)!;
        Assert.Equal(("StartError", false), (pod.Exit!.Reason, pod.Exit.NeverRan));
        Assert.Null(pod.StartedAt);
    }

    [Theory]
    [InlineData("containerStatuses", true)]
    [InlineData("ephemeralContainerStatuses", false)]
    [InlineData("initContainerStatuses", false)]
    public void TheEndOfTheRunnersContainerIsTheRunnersEndWhateverElseLives(string list, bool hasEnded)
    {
        var pod = Read(status: $$$$"""
            "phase":"Running","{{{{list}}}}":[
            {"name":"proxy","state":{"running":{"startedAt":"2030-01-01T00:00:08Z"}}},
            {"name":"runner","state":{"terminated":{"exitCode":78,"startedAt":"2030-01-01T00:00:09Z"}}}]
            """)!;
        Assert.Equal(hasEnded, pod.HasEnded);
    }

    private static DateTimeOffset At(int seconds) =>
        new(2030, 1, 1, 0, seconds / 60, seconds % 60, TimeSpan.Zero);

    private static PodFacts? Read(
        string name = "linux-7",
        string pool = "linux",
        string slot = "7",
        string metadata = "",
        string annotations = "",
        string labels = "",
        string status = "\"phase\":\"Pending\"")
    {
        var json = $$$"""
            {"metadata":{"name":"{{{name}}}","namespace":"ci","uid":"0a1b2c3d-0000","resourceVersion":"42",
              {{{metadata}}}
              "creationTimestamp":"2030-01-01T00:00:00Z","annotations":{ {{{annotations}}} },
              "labels":{"app.kubernetes.io/managed-by":"runnerscaler","runnerscaler.io/pool":"{{{pool}}}",
                "runnerscaler.io/slot":"{{{slot}}}" {{{labels}}} } },
             "spec":{"nodeName":"node-1","containers":[
                {"name":"other","resources":{"limits":{"memory":"9Gi"} } },
                {"name":"runner","resources":{"limits":{"memory":"2Gi"} } }]},
             "status":{ {{{status}}} } }
            """;
        return PodReader.Read(JsonDocument.Parse(json).RootElement);
    }
}
