using System.Text;
using CsCheck;
using RunnerScaler.Control.Ports;
using RunnerScaler.GitHub.Webhooks;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.GitHub;

public sealed class WebhookRuleTests
{
    private const string Repository =
        """{"full_name": "acme/app", "html_url": "https://ghe.example.com/acme/app"}""";

    [Theory]
    [InlineData("queued", WebhookResult.Taken)]
    [InlineData("in_progress", WebhookResult.Taken)]
    [InlineData("completed", WebhookResult.Taken)]
    [InlineData("a status of tomorrow", WebhookResult.Taken)]
    [InlineData("waiting", WebhookResult.NoNews)]
    [InlineData("pending", WebhookResult.NoNews)]
    internal void TheStatusSaysWhetherThereIsNews(string status, WebhookResult result)
    {
        var read = Read($$"""
            {"action": "queued", "workflow_job": {"status": "{{status}}"}, "repository": {{Repository}}}
            """);

        Assert.Equal(result, read.Result);
        if (result == WebhookResult.Taken)
            Assert.Equal(RepositoryKey.Of("https://ghe.example.com", "acme", "app"), read.Repository);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"repository": 7}""")]
    [InlineData("""{"repository": {"full_name": "app", "html_url": "https://github.com/app"}}""")]
    [InlineData("""{"repository": {"full_name": "acme/app/x", "html_url": "https://github.com/acme/app"}}""")]
    [InlineData("""{"repository": {"full_name": "acme/..", "html_url": "https://github.com/acme/app"}}""")]
    [InlineData("""{"repository": {"full_name": "acme/app?a=b", "html_url": "https://github.com/acme/app"}}""")]
    [InlineData("""{"repository": {"full_name": "acme/app", "html_url": "/acme/app"}}""")]
    [InlineData("""{"repository": {"full_name": "acme/\ud800", "html_url": "https://github.com/acme/app"}}""")]
    [InlineData("""{"\ud800": 1, "repository": {"full_name": "acme/app", "html_url": 1}}""")]
    public void WhatNamesNoRepositoryIsUnreadable(string body) =>
        Assert.Equal(new(WebhookResult.Unreadable), Read(body));

    [Fact]
    public void WhateverIsOddBesidesTheRepositoryDoesNoHarm()
    {
        var labels = string.Join(',', Enumerable.Repeat("\"x\"", 200_000));
        var read = Read($$"""
            {"action": 7, "workflow_job": {"id": 1e400, "status": ["queued"], "labels": [{{labels}}]},
             "repository": {{Repository}}}
            """);

        Assert.Equal(WebhookResult.Taken, read.Result);
    }

    [Fact]
    public void NoBodyMakesItThrow() => Gen.Byte.Array[0, 200].Sample(
        body => WebhookRule.Read("workflow_job", body).Result is WebhookResult.Unreadable);

    private static WebhookReading Read(string body) => WebhookRule.Read("workflow_job", Encoding.UTF8.GetBytes(body));
}
