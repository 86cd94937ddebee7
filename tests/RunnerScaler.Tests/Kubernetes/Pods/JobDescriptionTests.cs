using System.Text.RegularExpressions;
using RunnerScaler.Kubernetes;
using RunnerScaler.Kubernetes.Pods;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Kubernetes.Pods;

public sealed partial class JobDescriptionTests
{
    private const string Runs = "https://github.com/acme/app/actions";

    [Theory]
    [InlineData(7, 42, "42", "7", Runs + "/runs/7/job/42")]
    [InlineData(7, -42, null, "7", Runs + "/runs/7")]
    [InlineData(0, -42, null, null, Runs)]
    [InlineData(-1, long.MinValue, null, null, Runs)]
    public void AJobThatGitHubNamesOtherwiseIsDescribedByWhatIsKnown(
        long run, long id, string? idLabel, string? runLabel, string url)
    {
        var job = Given.Job(id: id) with { RunId = run };
        var labels = JobDescription.Labels(job);
        Assert.Equal((idLabel, runLabel), ((string?)labels[PodLabels.Job], (string?)labels[PodLabels.Run]));
        Assert.All(labels, label => Assert.Matches(Value(), $"{label.Value}"));
        Assert.Equal(url, (string?)JobDescription.Annotations(job)[PodLabels.JobUrl]);
    }

    [GeneratedRegex("^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$")]
    private static partial Regex Value();
}
