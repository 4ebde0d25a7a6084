autocmd BufRead,BufNewFile *.sruja setfiletype sruja
