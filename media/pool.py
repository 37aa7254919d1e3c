"""(signatures first; see MediaPool)"""
