using RunnerScaler.Sandbox.Cluster.Store;
using static RunnerScaler.Tests.Sandbox.Cluster.StoreFixture;

namespace RunnerScaler.Tests.Sandbox.Cluster;

public sealed class SelectorTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("app=runner", true)]
    [InlineData("app==runner,slot=7", true)]
    [InlineData("app=other", false)]
    [InlineData("app!=other", true)]
    [InlineData("missing!=x", true)]
    [InlineData("slot in (6, 7)", true)]
    [InlineData("slot in (6,8)", false)]
    [InlineData("slot notin (6,8),app", true)]
    [InlineData("missing notin (x)", true)]
    [InlineData("app", true)]
    [InlineData("!app", false)]
    [InlineData("!missing,app", true)]
    [InlineData("runnerscaler.io/pool=linux", true)]
    [InlineData("missing", false)]
    public void LabelSelectorsChooseAsTheServerDoes(string selector, bool expected)
    {
        var value = Json("""{"metadata":{"labels":{"app":"runner","slot":"7","runnerscaler.io/pool":"linux"}}}""");
        Assert.Equal(expected, LabelSelector.Parse(selector).Matches(value));
    }

    [Theory]
    [InlineData("=x")]
    [InlineData("a in b")]
    [InlineData("a,,b")]
    [InlineData("a b")]
    public void AnUnreadableLabelSelectorIsABadRequest(string selector) =>
        Refusal(400, () => LabelSelector.Parse(selector));

    [Theory]
    [InlineData("metadata.name=a", true)]
    [InlineData("spec.nodeName=", true)]
    [InlineData("spec.nodeName!=", false)]
    [InlineData("status.phase!=Failed,metadata.namespace=default", true)]
    [InlineData("status.phase==Failed", false)]
    public void FieldSelectorsChooseAsTheServerDoes(string selector, bool expected)
    {
        var value = Json("""{"metadata":{"name":"a","namespace":"default"},"status":{"phase":"Running"}}""");
        Assert.Equal(expected, FieldSelector.Parse(KnownTypes.Pods, selector).Matches(value));
    }

    [Fact]
    public void AFieldThatTheTypeCannotSelectByIsABadRequest()
    {
        var failure = Refusal(400, () => FieldSelector.Parse(KnownTypes.ConfigMaps, "data.x=1"));
        Assert.Equal("field label not supported: data.x", failure.Message);
    }
}
