using RunnerImage.Posix;

namespace RunnerImage.Runner;

/// <summary>Whether a listener that has ended is started again, as GitHub's <c>run.sh</c> would.</summary>
internal enum Relaunch
{
    /// <summary>It has ended for good.</summary>
    No,

    /// <summary>After a pause.</summary>
    AfterPause,

    /// <summary>When its update is finished: the file <see cref="RelaunchRule.UpdateFinished"/> says so.</summary>
    AfterUpdate,
}

/// <summary>Decides on starting the listener again.</summary>
internal static class RelaunchRule
{
    /// <summary>More often is not a passing trouble.</summary>
    public const int MostTimes = 5;

    /// <summary>The file in the runner's folder by which an update says that it is done.</summary>
    public const string UpdateFinished = "update.finished";

    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan UpdatePatience = TimeSpan.FromSeconds(30);

    /// <param name="end">How the listener ended.</param>
    /// <param name="jobBegan">A job that has begun is not run twice.</param>
    /// <param name="asked">Whether the pod ends anyway.</param>
    /// <param name="times">How often it was started again before.</param>
    public static Relaunch Decide(ProcessEnd end, bool jobBegan, bool asked, int times)
    {
        if (end.Signal != 0 || jobBegan || asked || times >= MostTimes)
            return Relaunch.No;
        return end.Code switch
        {
            ListenerCode.Retryable => Relaunch.AfterPause,
            ListenerCode.Updating or ListenerCode.UpdatingOnce => Relaunch.AfterUpdate,
            _ => Relaunch.No,
        };
    }
}
