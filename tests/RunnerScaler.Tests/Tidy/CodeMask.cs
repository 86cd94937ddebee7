namespace RunnerScaler.Tests.Tidy;

/// <summary>
/// Blanks what is not code in C# text: comments, string and character literals, preprocessor directives. The holes of
/// interpolated strings are code and stay. Every kept character keeps its place, so that indices and lines agree.
/// </summary>
internal sealed class CodeMask
{
    private readonly string text;
    private readonly char[] masked;
    private int at;

    private CodeMask(string text)
    {
        this.text = text;
        masked = text.ToCharArray();
    }

    public static string Apply(string text)
    {
        var mask = new CodeMask(text);
        while (mask.at < text.Length)
            mask.Step();
        return new string(mask.masked);
    }

    /// <summary>Passes one character of code, or one whole comment, literal or directive.</summary>
    private void Step()
    {
        switch (text[at])
        {
            case '/' when Next("//"):
                BlankTo(LineEnd());
                break;
            case '/' when Next("/*"):
                BlankTo(After("*/", at + 2));
                break;
            case '#' when OnlySpaceBefore():
                BlankTo(LineEnd());
                break;
            case '\'':
                BlankTo(AfterQuoted('\''));
                break;
            case '"' or '$' or '@' when OpensString(out var dollars, out var verbatim, out var quotes):
                String(dollars, verbatim, quotes);
                break;
            default:
                at++;
                break;
        }
    }

    private void String(int dollars, bool verbatim, int quotes)
    {
        if (quotes >= 3)
            Raw(dollars, quotes);
        else if (quotes == 2)
            Blank(2);
        else
            Quoted(dollars > 0, verbatim);
    }

    /// <summary>Passes the prefix and counts the quotes; false, and nothing passed, if no string begins here.</summary>
    private bool OpensString(out int dollars, out bool verbatim, out int quotes)
    {
        var i = at;
        dollars = 0;
        verbatim = false;
        for (; i < text.Length && text[i] is '$' or '@'; i++)
        {
            dollars += text[i] == '$' ? 1 : 0;
            verbatim |= text[i] == '@';
        }

        quotes = Run('"', i);
        if (quotes == 0)
            return false;
        // "" is an empty literal and """ a raw one, but in @"""… the last two are an escaped quote.
        quotes = verbatim ? 1 : quotes;
        BlankTo(i);
        return true;
    }

    private void Quoted(bool interpolated, bool verbatim)
    {
        Blank(1);
        while (at < text.Length)
        {
            if (text[at] == '"' && verbatim && Next("\"\""))
                Blank(2);
            else if (text[at] == '"')
            {
                Blank(1);
                return;
            }
            else if (text[at] == '\\' && !verbatim)
                Blank(2);
            else if (interpolated && (Next("{{") || Next("}}")))
                Blank(2);
            else if (interpolated && text[at] == '{')
                Hole(1);
            else
                Blank(1);
        }
    }

    private void Raw(int dollars, int quotes)
    {
        Blank(quotes);
        while (at < text.Length)
        {
            var braces = Run('{', at);
            if (Run('"', at) >= quotes)
            {
                Blank(Run('"', at));
                return;
            }

            if (dollars > 0 && braces >= dollars)
            {
                Blank(braces - dollars);
                Hole(dollars);
            }
            else
                Blank(Math.Max(1, braces));
        }
    }

    /// <summary>Keeps the expression of a hole; blanks its braces and its format.</summary>
    private void Hole(int braces)
    {
        Blank(braces);
        var depth = 0;
        while (at < text.Length && !(depth == 0 && text[at] == '}'))
        {
            if (depth == 0 && text[at] == ':' && Next("::"))
                at += 2;
            else if (depth == 0 && text[at] == ':')
                BlankTo(Math.Max(at + 1, text.IndexOf('}', at)));
            else
            {
                depth += text[at] is '(' or '[' or '{' ? 1 : text[at] is ')' or ']' or '}' ? -1 : 0;
                Step();
            }
        }

        Blank(braces);
    }

    private bool Next(string expected) => string.CompareOrdinal(text, at, expected, 0, expected.Length) == 0;

    private int Run(char c, int from)
    {
        var end = from;
        while (end < text.Length && text[end] == c)
            end++;
        return end - from;
    }

    private int LineEnd() => text.IndexOf('\n', at) is var end and >= 0 ? end : text.Length;

    private int After(string closing, int from) =>
        text.IndexOf(closing, from, StringComparison.Ordinal) is var end and >= 0 ? end + closing.Length : text.Length;

    private int AfterQuoted(char quote)
    {
        var i = at + 1;
        while (i < text.Length && text[i] != quote)
            i += text[i] == '\\' ? 2 : 1;
        return i + 1;
    }

    private bool OnlySpaceBefore()
    {
        for (var i = at - 1; i >= 0 && text[i] != '\n'; i--)
            if (!char.IsWhiteSpace(text[i]))
                return false;
        return true;
    }

    private void Blank(int count) => BlankTo(at + count);

    private void BlankTo(int end)
    {
        for (; at < Math.Min(end, text.Length); at++)
            if (masked[at] != '\n')
                masked[at] = ' ';
    }
}
