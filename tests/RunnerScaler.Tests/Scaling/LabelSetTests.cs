using CsCheck;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.Scaling;

public sealed class LabelSetTests
{
    private static readonly Gen<string> AnyLabel =
        Gen.OneOf("linux", "LINUX", "x64", "gpu", "GPU", "self-hosted", "ä");

    [Theory]
    [InlineData("linux", "LINUX", true)]
    [InlineData("self-hosted linux", "Linux Self-Hosted", true)]
    [InlineData("linux linux", "linux", true)]
    [InlineData("linux", "linux x64", false)]
    [InlineData("", "", true)]
    [InlineData("", "linux", false)]
    public void SetsAreEqualWhateverTheCaseAndTheOrder(string left, string right, bool equal)
    {
        var (a, b) = (Given.Labels(left), Given.Labels(right));
        Assert.Equal(equal, a.Equals(b));
        Assert.Equal(equal, b.Equals(a));
        if (equal)
            Assert.Equal(a.GetHashCode(), b.GetHashCode());
    }

    [Fact]
    public void TheSpellingThatCameFirstIsShown() =>
        Assert.Equal("[Linux, X64]", LabelSet.Of("Linux", "X64", "linux", "x64").ToString());

    [Fact]
    public void TheEmptySetIsASubsetOfEverySet()
    {
        Assert.True(LabelSet.Empty.IsSubsetOf(Given.Labels("linux")));
        Assert.True(LabelSet.Empty.IsSubsetOf(LabelSet.Empty));
        Assert.Same(LabelSet.Empty, LabelSet.Of());
    }

    [Fact]
    public void ASetAgreesWithAHashSetThatIgnoresCase() =>
        Gen.Select(AnyLabel.Array[0, 6], AnyLabel.Array[0, 6], AnyLabel).Sample((left, right, label) =>
        {
            var (a, b) = (LabelSet.Of(left), LabelSet.Of(right));
            var (modelA, modelB) = (left.ToHashSet(StringComparer.OrdinalIgnoreCase),
                right.ToHashSet(StringComparer.OrdinalIgnoreCase));
            return a.Count == modelA.Count
                && a.Contains(label) == modelA.Contains(label)
                && a.IsSubsetOf(b) == modelA.IsSubsetOf(modelB)
                && a.Equals(b) == modelA.SetEquals(modelB);
        });
}
