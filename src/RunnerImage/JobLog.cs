namespace RunnerImage;

/// <summary>
/// The job's log, as far as the shim writes into it: on the standard error, since the actions read what buildx writes
/// to its standard output; the runner looks for workflow commands in both.
/// </summary>
/// <param name="pod">The pod; its state folder keeps what this job has already been told.</param>
/// <param name="error">The standard error.</param>
internal sealed class JobLog(JobPod pod, TextWriter error)
{
    private const string SaidFolder = "said";

    /// <summary>Says what this job has not heard yet, and every error.</summary>
    public void Say(params IEnumerable<Message> messages)
    {
        foreach (var message in messages)
            if (message.Level == Message.ErrorLevel)
                error.WriteLine(IsReported ? $"ERROR: {message.Text.ReplaceLineEndings(" ")}" : message.ToLine());
            else if (IsNew(message.Kind))
                error.WriteLine(message.ToLine());
    }

    /// <summary>
    /// Whether the caller makes an annotation itself, of the last line of a command that failed: so do Docker's
    /// actions, and an error of ours would be shown twice.
    /// </summary>
    private bool IsReported => pod.Value(DockersActions.Variable) is { } action
        && action.StartsWith(DockersActions.Owner, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Takes the mark of a kind of message. Without a state folder each message is new: better twice than never.
    /// </summary>
    private bool IsNew(string kind)
    {
        try
        {
            var folder = Directory.CreateDirectory(Path.Combine(pod.StateFolder, SaidFolder));
            using var mark = new FileStream(Path.Combine(folder.FullName, kind), FileMode.CreateNew);
            return true;
        }
        catch (IOException) when (File.Exists(Path.Combine(pod.StateFolder, SaidFolder, kind)))
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }
}
