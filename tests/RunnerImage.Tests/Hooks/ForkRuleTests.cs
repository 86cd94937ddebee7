using System.Text.Json;
using RunnerImage.Hooks;

namespace RunnerImage.Tests.Hooks;

public sealed class ForkRuleTests
{
    private const string Own =
        """{"pull_request":{"head":{"repo":{"full_name":"o/r"}},"base":{"repo":{"full_name":"O/R"}}}}""";

    private const string Foreign =
        """{"pull_request":{"head":{"repo":{"full_name":"evil/r"}},"base":{"repo":{"full_name":"o/r"}}}}""";

    private const string Deleted = """{"pull_request":{"head":{"repo":null},"base":{"repo":{"full_name":"o/r"}}}}""";

    private const string Empty =
        """{"pull_request":{"head":{"repo":{"full_name":""}},"base":{"repo":{"full_name":""}}}}""";

    private const string Numbers =
        """{"pull_request":{"head":{"repo":{"full_name":1}},"base":{"repo":{"full_name":1}}}}""";

    private const string OwnRun =
        """{"workflow_run":{"head_repository":{"full_name":"o/r"}},"repository":{"full_name":"o/r"}}""";

    private const string ForeignRun =
        """{"workflow_run":{"head_repository":{"full_name":"x/r"}},"repository":{"full_name":"o/r"}}""";

    [Theory]
    [InlineData("pull_request", Own, false)]
    [InlineData("pull_request", Foreign, true)]
    [InlineData("pull_request", Deleted, true)]
    [InlineData("pull_request_target", Own, false)]
    [InlineData("pull_request_target", Foreign, true)]
    [InlineData("pull_request_review", Foreign, true)]
    [InlineData("pull_request_review_comment", Foreign, true)]
    [InlineData("pull_request_review_comment", Own, false)]
    [InlineData("pull_request", "{}", true)]
    [InlineData("pull_request", "[]", true)]
    [InlineData("pull_request", "null", true)]
    [InlineData("pull_request", null, true)]
    [InlineData("pull_request", Empty, true)]
    [InlineData("pull_request", Numbers, true)]
    [InlineData("pull_request", """{"pull_request":"x"}""", true)]
    [InlineData("push", Foreign, false)]
    [InlineData("push", null, false)]
    [InlineData("", "{}", false)]
    [InlineData("merge_group", "{}", false)]
    [InlineData("schedule", "{}", false)]
    [InlineData("workflow_run", OwnRun, false)]
    [InlineData("workflow_run", ForeignRun, true)]
    [InlineData("workflow_run", """{"workflow_run":{"head_repository":null},"repository":{"full_name":"o/r"}}""", true)]
    [InlineData("workflow_run", "{}", false)]
    public void AForkIsKnownByItsRepository(string eventName, string? payload, bool fork)
    {
        using var json = payload is null ? null : JsonDocument.Parse(payload);

        Assert.Equal(fork, ForkRule.IsFork(eventName, json?.RootElement));
    }

    [Theory]
    [InlineData("pull_request", true)]
    [InlineData("pull_request_target", true)]
    [InlineData("workflow_run", false)]
    [InlineData("push", false)]
    public void OnlyPullRequestsArePullRequests(string eventName, bool isOne) =>
        Assert.Equal(isOne, ForkRule.IsPullRequest(eventName));
}
