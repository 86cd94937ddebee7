using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Jobs;

namespace RunnerScaler.Kubernetes.Pods;

/// <summary>
/// What is written on a pod of the job that it has, so that people find the pod by it. Nothing follows from it but that
/// it is not written again.
/// </summary>
internal static class JobDescription
{
    private const int LongestName = 200;
    private const int LongestUrl = 400;

    /// <summary>
    /// Values of labels; a repository is <c>owner.name</c>, in lower case: no owner's name has a dot.
    /// </summary>
    public static JsonObject Labels(Job job)
    {
        var labels = new JsonObject
        {
            [PodLabels.Repository] = LabelValue.Fit($"{job.Repository.Owner}.{job.Repository.Name}"),
        };
        if (job.HasRun)
            labels[PodLabels.Run] = Text(job.RunId);
        if (job.HasId)
            labels[PodLabels.Job] = Text(job.Id);
        if (job.Workflow.Length > 0)
            labels[PodLabels.Workflow] = LabelValue.Fit(job.Workflow);
        return labels;
    }

    public static JsonObject Annotations(Job job) => new()
    {
        [PodLabels.JobName] = PlainText.Line(job.Name, LongestName),
        [PodLabels.JobUrl] = PlainText.Line(job.Address, LongestUrl),
    };

    /// <summary>The id of the job that the labels tell of; null if they tell of none.</summary>
    public static long? IdIn(JsonElement? labels) =>
        long.TryParse(labels.Text(PodLabels.Job), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id
            : null;

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);
}
